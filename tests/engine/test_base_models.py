"""Where a base model comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from revision_engine import base_models


@pytest.mark.parametrize("name", ["org/model", "/srv/models/mine"])
def test_a_hub_id_or_a_folder_is_taken_as_it_is(name):
    assert base_models.resolve(name) == name


def test_a_packaged_model_that_is_unpacked_is_not_unpacked_again(
    tmp_path: Path, monkeypatch
):
    monkeypatch.setenv("COACHLM_MODELS", str(tmp_path))
    folder = tmp_path / base_models.DEFAULT
    folder.mkdir()
    (folder / "config.json").write_text("{}")

    assert base_models.resolve(base_models.DEFAULT) == str(folder)


def test_a_package_that_is_not_installed_is_named():
    model = base_models.PackagedModel(
        package="no_such_package",
        requirement="no-such-package==1.0",
        file="model.gguf",
        licence="MIT",
        hub_id="no/such",
    )

    with pytest.raises(base_models.BaseModelMissing, match="no-such-package"):
        base_models.gguf_path(model)


def test_a_base_is_here_on_a_hub_or_nowhere(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("COACHLM_MODELS", str(tmp_path / "models"))
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "config.json").write_text("{}")
    names = [base_models.DEFAULT, str(mine), str(tmp_path / "gone"), "org/some-model"]

    found = [base_models.place(name) for name in names]
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    offline = base_models.place("org/some-model", "v1")

    assert found == ["here", "here", "nowhere", "hub"]
    assert offline == "nowhere"
    assert [name for name in names if base_models.is_on_hub(name)] == names[3:]


def test_a_packaged_model_has_the_name_by_which_others_find_it():
    for name, model in base_models.PACKAGED.items():
        assert base_models.published(name) == model.hub_id
        assert base_models.named(model.hub_id) == name
    for name in ("org/model", "/models/mine"):
        assert base_models.published(name) == base_models.named(name) == name
