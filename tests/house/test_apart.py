"""Processes that share the tests out do not meet."""

from __future__ import annotations

from annotator.config import testing
from tests import early


def test_each_has_a_broker_and_a_folder_of_its_own(tmp_path):
    given = {
        "CELERY_BROKER_URL": "redis://:a@127.0.0.1:1/0",
        "COACHLM_VAR": str(tmp_path),
    }
    first, second = dict(given), dict(given)

    early.live_apart("gw0", first)
    early.live_apart("gw1", second)

    assert first["CELERY_BROKER_URL"] == "redis://:a@127.0.0.1:1/0"
    assert second["CELERY_BROKER_URL"] == "redis://:a@127.0.0.1:1/1"
    assert second["COACHLM_VAR"] == str(tmp_path / "gw1")
    assert (tmp_path / "gw0").is_dir()


def test_a_quick_run_leaves_out_every_slow_mark():
    assert testing.QUICK == early.QUICK
