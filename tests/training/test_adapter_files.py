"""What comes in a zip is an adapter of plain LoRA, or is refused by name."""

from __future__ import annotations

import io
import json
import stat
import zipfile

import numpy as np
import pytest

from tests import adapters
from training import adapter_files, adapter_zips
from training.adapter_zips import AdapterRefused

MOST = 1_000_000


def take(given, tmp_path, *, folder="mine/", most=MOST):
    target = tmp_path / "room"
    target.mkdir(exist_ok=True)
    adapter_zips.unpack(adapters.zipped(given, folder=folder), target, most=most)
    return adapter_files.read(target)


def refused(given, tmp_path, said, **more):
    with pytest.raises(AdapterRefused, match=said):
        take(given, tmp_path, **more)


@pytest.mark.parametrize("folder", ["", "mine/", "a/b/"])
def test_an_adapter_is_taken_from_one_folder(tmp_path, folder):
    came = take(adapters.files() | {"README.md": b"# Mine"}, tmp_path, folder=folder)

    assert (came.rank, came.lora_alpha, came.targets) == (2, 4, "q_proj")
    assert came.base_model == "SmolLM2-135M-Instruct"
    assert came.papers is None


def test_of_its_settings_only_those_that_count_are_kept(tmp_path):
    came = take(
        adapters.files(config={"auto_mapping": {"parent_library": "os"}}), tmp_path
    )

    kept = json.loads((came.folder / "adapter_config.json").read_text())
    assert "auto_mapping" not in kept
    assert "megatron_core" not in kept
    assert kept["target_modules"] == ["q_proj"]
    assert kept["base_model_name_or_path"] == "SmolLM2-135M-Instruct"


@pytest.mark.parametrize(
    "name",
    [
        *("adapter_model.bin", "training_args.bin", "optimizer.pt", "x.pkl"),
        *("modeling_mine.py", "lib.SO"),
    ],
)
def test_what_may_hold_code_is_refused_by_name(tmp_path, name):
    refused(adapters.files() | {name: b"x"}, tmp_path, "may hold code")


def test_any_other_file_is_named(tmp_path):
    refused(adapters.files() | {"tokenizer.json": b"{}"}, tmp_path, "tokenizer.json")


@pytest.mark.parametrize(
    "name", ["../adapter_config.json", "/etc/passwd", "a\\..\\b.json", "a/../../b"]
)
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    given = {f"mine/{key}": value for key, value in adapters.files().items()}

    refused(given | {name: b"{}"}, tmp_path, "leads out of the zip", folder="")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["room"]


def test_a_link_is_refused(tmp_path):
    file = adapters.zipped(adapters.files())
    link = zipfile.ZipInfo("mine/manifest.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(AdapterRefused, match="leads out"):
        adapter_zips.unpack(file, tmp_path, most=MOST)


def test_a_zip_that_unpacks_to_more_is_not_unpacked(tmp_path):
    refused(adapters.files(), tmp_path, "larger than 100 bytes", most=100)
    assert not list((tmp_path / "room").iterdir())


def test_more_than_the_directory_says_is_not_read(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in adapters.files().items():
            archive.writestr(name, content)
        archive.writestr("README.md", b"a" * 5_000)
    told = file.getvalue().replace((5_000).to_bytes(4, "little"), b"\x05\0\0\0")

    with pytest.raises(AdapterRefused, match="no zip that can be read"):
        adapter_zips.unpack(io.BytesIO(told), tmp_path, most=MOST)


@pytest.mark.parametrize(
    "lacking", ["adapter_config.json", "adapter_model.safetensors"]
)
def test_a_file_that_lacks_is_named(tmp_path, lacking):
    given = adapters.files()
    del given[lacking]

    refused(given, tmp_path, f"holds no {lacking}")


def test_two_adapters_at_once_are_refused(tmp_path):
    given = adapters.files() | {"other/README.md": b""}

    refused(given, tmp_path, "several folders")


def test_what_is_no_zip_is_said(tmp_path):
    with pytest.raises(AdapterRefused, match="no zip"):
        adapter_zips.unpack(io.BytesIO(b"PK no"), tmp_path, most=MOST)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"peft_type": "LOHA"}, "only LORA"),
        ({"use_dora": True}, "use_dora is set"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save is set"),
        ({"rank_pattern": {"q_proj": 4}}, "rank_pattern is set"),
        ({"fan_in_fan_out": True}, "fan_in_fan_out is set"),
        ({"something_new": 1}, "something_new is set"),
        ({"r": 0}, "r must be"),
        ({"r": True}, "r must be"),
        ({"r": 3}, "not of rank 3"),
        ({"lora_alpha": 0.5}, "lora_alpha must be"),
        ({"target_modules": "(a+)+$"}, "target_modules must be a list"),
        ({"target_modules": []}, "target_modules must be a list"),
        ({"base_model_name_or_path": ["x"]}, "must be a text"),
        ({"base_model_name_or_path": "a\0b"}, "must be a text"),
    ],
)
def test_a_setting_that_is_not_plain_lora_is_named(tmp_path, config, said):
    refused(adapters.files(config=config), tmp_path, said)


@pytest.mark.parametrize("text", [b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_settings_that_cannot_be_read_are_said(tmp_path, text):
    refused(adapters.files() | {"adapter_config.json": text}, tmp_path, "JSON")


def broken(alter):
    """The weights' file with its head altered."""
    whole = adapters.files()["adapter_model.safetensors"]
    length = int.from_bytes(whole[:8], "little")
    head = json.loads(whole[8 : 8 + length])
    alter(head)
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + whole[8 + length :]


def first(head):
    return next(iter(head.values()))


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (b"", "no safetensors"),
        (b"\xff" * 8, "no safetensors"),
        (b"\x05\0\0\0\0\0\0\0[1,2]", "no safetensors"),
        (broken(lambda h: first(h).update(dtype="I64")), "no tensor of"),
        (broken(lambda h: first(h).update(shape=[2, 9])), "no tensor of"),
        (broken(lambda h: first(h).update(shape=[-1, -16])), "no tensor of"),
        (broken(lambda h: first(h).update(shape="x")), "no tensor of"),
        (broken(lambda h: first(h).update(data_offsets=[64, 128])), "overlap"),
        (broken(lambda h: h.popitem()), "longer than its tensors"),
        (broken(lambda h: h.clear()), "longer than its tensors"),
    ],
)
def test_weights_that_are_not_what_they_say_are_refused(tmp_path, weights, said):
    refused(adapters.files() | {"adapter_model.safetensors": weights}, tmp_path, said)


def test_weights_of_anything_else_than_lora_are_refused(tmp_path):
    other = {"base_model.model.lm_head.weight": np.ones((2, 2), np.float32)}

    refused(adapters.files(weights=other), tmp_path, "no pair of A and B")
    refused(adapters.files(weights={}), tmp_path, "no LoRA weights")


def test_papers_of_other_weights_are_refused(tmp_path):
    papers = {"format": 1, "name": "x"}

    refused(
        adapters.files() | {"manifest.json": json.dumps(papers).encode()},
        tmp_path,
        "manifest.json: Missing or unknown",
    )


def test_it_fits_the_base_that_it_was_trained_on(tmp_path):
    came = take(adapters.files(), tmp_path)
    base = adapters.make_base(tmp_path / "base")
    wide = adapters.make_base(tmp_path / "wide", wide=16)
    other = adapters.make_base(tmp_path / "other", layer="model.layers.1.mlp.up_proj")

    assert adapter_files.check_fits(came, str(base))
    assert not adapter_files.check_fits(came, str(tmp_path / "away"))
    with pytest.raises(AdapterRefused, match="is 16 × 16; the adapter is for 8 × 8"):
        adapter_files.check_fits(came, str(wide))
    with pytest.raises(AdapterRefused, match=r"has no weight model\.layers\.0"):
        adapter_files.check_fits(came, str(other))
