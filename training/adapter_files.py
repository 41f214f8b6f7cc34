"""An adapter that came in a zip: named, bounded and checked before a model reads it.

Only weights as safetensors are taken, since a pickle could run code, and of the
settings only those of plain LoRA, since others name modules that peft would import.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from revision_engine import base_models
from revision_engine.adapters import WEIGHTS
from revision_engine.merging import Adapter, NotPlain
from revision_engine.tensors import KINDS, TensorFiles
from training.manifest import NAME as PAPERS
from training.manifest import PRINT_CHARS, BadManifest, Manifest, digest_file

CONFIG = "adapter_config.json"
CARD = "README.md"
TAKEN = (WEIGHTS, CONFIG, PAPERS, CARD)
MOST_MEMBERS = 100
MOST_PAPERS_BYTES = 20_000_000
"""Of each file but the weights; papers name every pair that was trained on."""
MOST_RANK = 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_RUBBISH = ("__MACOSX/", ".DS_Store")
_CODE = re.compile(
    r"\.(bin|pt|pth|ckpt|pkl|pickle|npy|npz|py|pyc|so|sh)$", re.IGNORECASE
)
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


class AdapterRefused(ValueError):
    """The adapter is not taken; the message says why, and what to do."""


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


def unpack(file: IO[bytes], target: Path, *, most: int) -> None:
    """Write the files of an adapter's zip into a folder; `most` bytes in all.

    AdapterRefused, and nothing but what was unpacked so far, if there is anything else
    in it. No name in the zip decides where a file is written.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = _members(archive)
            if sum(member.file_size for member in members.values()) > most:
                raise AdapterRefused(
                    f"Unpacked it is larger than {most:,} bytes: the setting "
                    "ADAPTER_MOST_BYTES allows more."
                )
            for name, member in members.items():
                _write(archive, member, target / name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise AdapterRefused(f"It is no zip that can be read: {fault}.") from None


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files by their names, which all lie in one folder, or in none."""
    if len(archive.infolist()) > MOST_MEMBERS:
        raise AdapterRefused(f"The zip holds more than {MOST_MEMBERS} files.")
    found: dict[str, zipfile.ZipInfo] = {}
    folders = set()
    for member in archive.infolist():
        if member.is_dir() or any(sign in member.filename for sign in _RUBBISH):
            continue
        path = _path(member)
        folders.add(path.parent)
        if path.name in found:
            raise AdapterRefused(f"The zip holds {path.name} twice.")
        found[path.name] = member
    if len(folders) > 1:
        raise AdapterRefused("The zip holds several folders: zip one adapter's alone.")
    for name in (WEIGHTS, CONFIG):
        if name not in found:
            raise AdapterRefused(f"The zip holds no {name}.")
    return found


def _path(member: zipfile.ZipInfo) -> PurePosixPath:
    """Where it lies; AdapterRefused for what is no file of an adapter."""
    path = PurePosixPath(member.filename)
    shown = member.filename[:100]
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or is_link:
        raise AdapterRefused(f"{shown!r} leads out of the zip.")
    if _CODE.search(path.name):
        raise AdapterRefused(
            f"The zip holds {shown!r}, which may hold code: only weights as "
            f"{WEIGHTS} are taken. Leave it out."
        )
    if path.name not in TAKEN:
        raise AdapterRefused(
            f"The zip holds {shown!r}: only {', '.join(TAKEN)} are taken. Leave it out."
        )
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise AdapterRefused(f"{shown!r} is encrypted, or packed in an unusual way.")
    if path.name != WEIGHTS and member.file_size > MOST_PAPERS_BYTES:
        raise AdapterRefused(f"{shown!r} is larger than {MOST_PAPERS_BYTES:,} bytes.")
    return path


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    # What the directory says of its size is what is read of it: zipfile stops there.
    with archive.open(member) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def read(folder: Path) -> CameIn:
    """Check an unpacked adapter, and leave of its settings only those that count.

    AdapterRefused names the setting, the tensor or the paper that is wrong.
    """
    told = _config(folder)
    rank, alpha = told.get("r"), told.get("lora_alpha")
    if type(rank) is not int or not 1 <= rank <= MOST_RANK:
        raise AdapterRefused(
            f"{CONFIG}: r must be from 1 to {MOST_RANK}, not {rank!r}."
        )
    if type(alpha) is not int or not 1 <= alpha <= 1_000_000:
        raise AdapterRefused(
            f"{CONFIG}: lora_alpha must be a whole number from 1 on, not {alpha!r}."
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
        raise AdapterRefused(f"{CONFIG} is no JSON that can be read.") from None
    if not isinstance(told, dict):
        raise AdapterRefused(f"{CONFIG} is no JSON object.")
    if told.get("peft_type") != "LORA":
        kind = str(told.get("peft_type"))[:40]
        raise AdapterRefused(f"{CONFIG}: peft_type is {kind!r}; only LORA is taken.")
    for name, value in told.items():
        is_set = value not in (None, False, "", "none") and value not in ([], {})
        if name not in _KEPT | _IGNORED and is_set:
            raise AdapterRefused(
                f"{CONFIG}: {name[:60]} is set, and only plain LoRA is taken."
            )
    return told


def _text(
    told: dict[str, Any], name: str, *, most: int = 200, where: str = CONFIG
) -> str:
    value = told.get(name) or ""
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise AdapterRefused(
            f"{where}: {name} must be a text of up to {most} characters."
        )
    return value


def _targets(told: dict[str, Any]) -> list[str]:
    named = told.get("target_modules")
    if isinstance(named, list) and named and all(map(_is_target, named)):
        return sorted(set(named))
    raise AdapterRefused(
        f"{CONFIG}: target_modules must be a list of the layers' names."
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
                f"{WEIGHTS}: {name[:100]!r} is no tensor of {', '.join(KINDS)}."
            )
        places.append((start, end))
    at = 0
    for start, end in sorted(places):
        if start != at:
            raise AdapterRefused(f"{WEIGHTS} has tensors that overlap, or gaps.")
        at = end
    if at != size:
        raise AdapterRefused(f"{WEIGHTS} is cut off, or longer than its tensors.")


def _head(path: Path) -> tuple[int, dict[str, Any]]:
    """Bytes of all tensors, and what is told of each."""
    whole = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if whole < 8 or length > min(whole - 8, MOST_PAPERS_BYTES):
            raise AdapterRefused(f"{WEIGHTS} is no safetensors file.")
        try:
            head = json.loads(file.read(length))
        except (ValueError, RecursionError):
            raise AdapterRefused(f"{WEIGHTS} is no safetensors file.") from None
    if not isinstance(head, dict):
        raise AdapterRefused(f"{WEIGHTS} is no safetensors file.")
    head.pop("__metadata__", None)
    return whole - 8 - length, head


def _papers(folder: Path) -> Manifest | None:
    if not (folder / PAPERS).exists():
        return None
    try:
        papers = Manifest.read(folder)
    except (BadManifest, TypeError, AttributeError) as fault:
        raise AdapterRefused(
            f"{PAPERS}: {fault} Leave it out if the adapter was changed since."
        ) from None
    told = asdict(papers)
    for name, most in _PAPER_TEXTS.items():
        _text(told, name, most=most, where=PAPERS)
    if not isinstance(papers.trained_on, list) or not all(
        isinstance(key, str) and _PRINT.fullmatch(key) for key in papers.trained_on
    ):
        raise AdapterRefused(
            f"{PAPERS}: trained_on must be a list of {PRINT_CHARS} hex digits each."
        )
    return papers


def _check_ranks(folder: Path, rank: int) -> None:
    for name, down, up in _layers(folder):
        if len(down) != 2 or len(up) != 2 or down[0] != rank or up[1] != rank:
            raise AdapterRefused(
                f"{WEIGHTS}: {name} has shapes {down} and {up}, which are not of "
                f"rank {rank}."
            )


def _layers(folder: Path) -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    """(weight of the base, shape of A, shape of B) of each layer."""
    try:
        adapter = Adapter(folder)
    except NotPlain as fault:
        raise AdapterRefused(str(fault)) from None
    if not adapter.names:
        raise AdapterRefused(f"{WEIGHTS} holds no LoRA weights.")
    for name, down in adapter.names.items():
        up = down.replace(".lora_A.", ".lora_B.")
        if up not in adapter.weights:
            raise AdapterRefused(f"{WEIGHTS}: {down} has no {up} beside it.")
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
                f"It does not fit {base_model}, which has no weight {name}: it was "
                "trained on another base model."
            )
        wanted, has = (up[0], down[1]), weights.shape(name)
        if has != wanted:
            raise AdapterRefused(
                f"It does not fit {base_model}, whose {name} is {has[0]} by {has[1]}; "
                f"the adapter is for {wanted[0]} by {wanted[1]}."
            )
    return True
