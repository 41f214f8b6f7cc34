from pathlib import Path

import pytest

from training.evaluation.judges.endpoint import EndpointJudge
from training.services.judging import Kind, NoJudge, available, judge


def test_without_a_server_the_embedded_judge_is_the_only_one():
    assert available() == [Kind.EMBEDDED]
    assert judge(Kind.EMBEDDED).version.startswith("embedded-")
    with pytest.raises(NoJudge, match="JUDGE_BASE_URL is not set"):
        judge(Kind.ENDPOINT)


def test_a_model_must_be_named(settings):
    settings.JUDGE_BASE_URL = "http://127.0.0.1:9/v1"

    with pytest.raises(NoJudge, match="JUDGE_MODEL is not set"):
        judge(Kind.ENDPOINT)
    assert available() == [Kind.EMBEDDED]


def test_the_endpoint_is_as_the_settings_say(settings, tmp_path):
    settings.JUDGE_BASE_URL = "http://127.0.0.1:9/v1/"
    settings.JUDGE_MODEL = "big"
    settings.JUDGE_PROMPT_PRICE = 2.5
    settings.JUDGE_ANSWERS = str(tmp_path)

    found = judge(Kind.ENDPOINT)

    assert isinstance(found, EndpointJudge)
    assert available() == [Kind.EMBEDDED, Kind.ENDPOINT]
    assert found.version == "big, rubric-1"
    assert found.options.base_url == "http://127.0.0.1:9/v1"
    assert found.options.prompt_price == 2.5
    assert found.options.answers == Path(tmp_path)
