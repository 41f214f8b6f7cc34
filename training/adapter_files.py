"""An adapter that came in a zip (adapter_zips): checked before a model reads it.

Of its settings only those of plain LoRA are taken, since others name modules that peft
would import.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from revision_engine import base_models
from revision_engine.adapters import WEIGHTS
from revision_engine.merging import Adapter, NotPlain
from revision_engine.saying import gettext
from revision_engine.tensors import KINDS, TensorFiles
from training.adapter_zips import CONFIG, MOST_PAPERS_BYTES, AdapterRefused
from training.manifest import NAME as PAPERS
from training.manifest import PRINT_CHARS, BadManifest, Manifest, digest_file

MOST_RANK = 1024
_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
_TARGET = re.compile(r"[\w.]{1,200}")
_IGNORED = {
    *("peft_version", "inference_mode", "init_lora_weights", "lora_dropout"),
    *("base_model_name_or_path", "revision", "task_type", "auto_mapping"),
    *("megatron_core", "qalora_group_size"),
}
"""Settings that make no difference once the adapter is trained; they are not kept."""
_PAPER_TEXTS = {
    "name": 120,
    "base_model": 200,
    "base_revision": 80,
    "prompt": 40,
    "wording": 2_000,
}
_PRINT = re.compile(rf"[0-9a-f]{{{PRINT_CHARS}}}")
_KEPT = {"peft_type", "r", "lora_alpha", "target_modules", "use_rslora"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CameIn:
    """An unpacked adapter that may be taken in."""

    folder: Path
    sha256: str
    """Of the weights."""
    base_model: str
    """As its settings name it, or under the name here of a packaged one."""
    base_revision: str
    rank: int
    lora_alpha: int
    targets: str
    """With commas between, as a LoraConfig has them."""
    papers: Manifest | None


def read(folder: Path) -> CameIn:
    """Check an unpacked adapter, and leave of its settings only those that count.

    AdapterRefused names the setting, the tensor or the paper that is wrong.
    """
    told = _config(folder)
    rank, alpha = told.get("r"), told.get("lora_alpha")
    if type(rank) is not int or not 1 <= rank <= MOST_RANK:
        raise AdapterRefused(
            gettext("%(file)s: r must be from 1 to %(most)s, not %(value)r."),
            file=CONFIG,
            most=MOST_RANK,
            value=rank,
        )
    if type(alpha) is not int or not 1 <= alpha <= 1_000_000:
        raise AdapterRefused(
            gettext(
                "%(file)s: lora_alpha must be a whole number from 1 on, not %(value)r."
            ),
            file=CONFIG,
            value=alpha,
        )
    kept = {name: told[name] for name in sorted(_KEPT) if name in told}
    kept |= {"target_modules": _targets(told), "bias": "none", "task_type": "CAUSAL_LM"}
    _check_weights(folder / WEIGHTS)
    sha256 = digest_file(folder / WEIGHTS)
    came = CameIn(
        folder=folder,
        sha256=sha256,
        base_model=base_models.named(_text(told, "base_model_name_or_path")),
        base_revision=_text(told, "revision", most=80),
        rank=rank,
        lora_alpha=alpha,
        targets=",".join(kept["target_modules"]),
        papers=_papers(folder),
    )
    kept |= {"base_model_name_or_path": came.base_model, "inference_mode": True}
    (folder / CONFIG).write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
    _check_ranks(folder, rank)
    return came


def _config(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise AdapterRefused(
            gettext("%(file)s is no JSON that can be read."), file=CONFIG
        ) from None
    if not isinstance(told, dict):
        raise AdapterRefused(gettext("%(file)s is no JSON object."), file=CONFIG)
    if told.get("peft_type") != "LORA":
        kind = str(told.get("peft_type"))[:40]
        raise AdapterRefused(
            gettext("%(file)s: peft_type is %(kind)r; only LORA is taken."),
            file=CONFIG,
            kind=kind,
        )
    for name, value in told.items():
        is_set = value not in (None, False, "", "none") and value not in ([], {})
        if name not in _KEPT | _IGNORED and is_set:
            raise AdapterRefused(
                gettext("%(file)s: %(name)s is set, and only plain LoRA is taken."),
                file=CONFIG,
                name=name[:60],
            )
    return told


def _text(
    told: dict[str, Any], name: str, *, most: int = 200, where: str = CONFIG
) -> str:
    value = told.get(name) or ""
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise AdapterRefused(
            gettext("%(file)s: %(name)s must be a text of up to %(most)s characters."),
            file=where,
            name=name,
            most=most,
        )
    return value


def _targets(told: dict[str, Any]) -> list[str]:
    named = told.get("target_modules")
    if isinstance(named, list) and named and all(map(_is_target, named)):
        return sorted(set(named))
    raise AdapterRefused(
        gettext("%(file)s: target_modules must be a list of the layers' names."),
        file=CONFIG,
    )


def _is_target(name: object) -> bool:
    return isinstance(name, str) and bool(_TARGET.fullmatch(name))


def _check_weights(path: Path) -> None:
    """AdapterRefused unless the file is what the format says, byte for byte."""
    places = []
    size, head = _head(path)
    for name, told in head.items():
        try:
            kind, shape = told["dtype"], told["shape"]
            start, end = told["data_offsets"]
            is_whole = kind in KINDS and all(
                isinstance(n, int) and n > 0 for n in shape
            )
            is_whole = is_whole and end - start == math.prod(shape) * _BYTES[kind]
        except (KeyError, TypeError, ValueError):
            is_whole = False
        if not is_whole:
            raise AdapterRefused(
                gettext("%(file)s: %(name)r is no tensor of %(kinds)s."),
                file=WEIGHTS,
                name=name[:100],
                kinds=", ".join(KINDS),
            )
        places.append((start, end))
    at = 0
    for start, end in sorted(places):
        if start != at:
            raise AdapterRefused(
                gettext("%(file)s has tensors that overlap, or gaps."), file=WEIGHTS
            )
        at = end
    if at != size:
        raise AdapterRefused(
            gettext("%(file)s is cut off, or longer than its tensors."), file=WEIGHTS
        )


def _head(path: Path) -> tuple[int, dict[str, Any]]:
    """Bytes of all tensors, and what is told of each."""
    whole = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if whole < 8 or length > min(whole - 8, MOST_PAPERS_BYTES):
            raise _no_weights()
        try:
            head = json.loads(file.read(length))
        except (ValueError, RecursionError):
            raise _no_weights() from None
    if not isinstance(head, dict):
        raise _no_weights()
    head.pop("__metadata__", None)
    return whole - 8 - length, head


def _no_weights() -> AdapterRefused:
    return AdapterRefused(gettext("%(file)s is no safetensors file."), file=WEIGHTS)


def _papers(folder: Path) -> Manifest | None:
    if not (folder / PAPERS).exists():
        return None
    try:
        papers = Manifest.read(folder)
    except (BadManifest, TypeError, AttributeError) as fault:
        raise AdapterRefused(
            gettext(
                "%(file)s: %(fault)s Leave it out if the adapter was changed since."
            ),
            file=PAPERS,
            fault=fault,
        ) from None
    told = asdict(papers)
    for name, most in _PAPER_TEXTS.items():
        _text(told, name, most=most, where=PAPERS)
    if not isinstance(papers.trained_on, list) or not all(
        isinstance(key, str) and _PRINT.fullmatch(key) for key in papers.trained_on
    ):
        raise AdapterRefused(
            gettext(
                "%(file)s: trained_on must be a list of %(count)s hex digits each."
            ),
            file=PAPERS,
            count=PRINT_CHARS,
        )
    return papers


def _check_ranks(folder: Path, rank: int) -> None:
    for name, down, up in _layers(folder):
        if len(down) != 2 or len(up) != 2 or down[0] != rank or up[1] != rank:
            raise AdapterRefused(
                gettext(
                    "%(file)s: %(name)s has shapes %(down)s and %(up)s, which are not "
                    "of rank %(rank)s."
                ),
                file=WEIGHTS,
                name=name,
                down=down,
                up=up,
                rank=rank,
            )


def _layers(folder: Path) -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    """(weight of the base, shape of A, shape of B) of each layer."""
    try:
        adapter = Adapter(folder)
    except NotPlain as fault:
        raise AdapterRefused(str(fault)) from None
    if not adapter.names:
        raise AdapterRefused(gettext("%(file)s holds no LoRA weights."), file=WEIGHTS)
    for name, down in adapter.names.items():
        up = down.replace(".lora_A.", ".lora_B.")
        if up not in adapter.weights:
            raise AdapterRefused(
                gettext("%(file)s: %(down)s has no %(up)s beside it."),
                file=WEIGHTS,
                down=down,
                up=up,
            )
        yield name, adapter.weights.shape(down), adapter.weights.shape(up)


def check_fits(came: CameIn, base_model: str) -> bool:
    """Whether the base is on this machine, so that it could be checked.

    AdapterRefused names a layer that the base has not, or has in another shape.
    """
    base = base_models.kept(base_model)
    files = sorted(base.glob("*.safetensors")) if base else []
    if not files:
        return False
    weights = TensorFiles(*files)
    for name, down, up in _layers(came.folder):
        if name not in weights:
            raise AdapterRefused(
                gettext(
                    "It does not fit %(base_model)s, which has no weight %(name)s: it "
                    "was trained on another base model."
                ),
                base_model=base_model,
                name=name,
            )
        wanted, has = (up[0], down[1]), weights.shape(name)
        if has != wanted:
            raise AdapterRefused(
                gettext(
                    "It does not fit %(base_model)s, whose %(name)s is %(has)s; the "
                    "adapter is for %(wanted)s."
                ),
                base_model=base_model,
                name=name,
                has=_size(has),
                wanted=_size(wanted),
            )
    return True


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
