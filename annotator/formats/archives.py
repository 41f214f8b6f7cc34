"""Which files of a zip archive hold pairs, and in which order."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO

from annotator.domain.saying import gettext, gettext_noop
from annotator.formats.rows import UnreadableFile
from annotator.formats.unpacking import PACKINGS, Budget, on_disk

MAX_MEMBERS = 10_000
_PIECE = 1 << 20
_KINDS = {
    **dict.fromkeys(("json", "jsonl", "ndjson"), "json"),
    **dict.fromkeys(("csv", "tsv", "tab"), "csv"),
    **dict.fromkeys(("arrow", "feather", "ipc"), "arrow"),
    "parquet": "parquet",
    "xlsx": "xlsx",
}
_PACKED = {f".{packing.ending}" for packing in PACKINGS}
_OFFICE = {
    "xl/workbook.bin": gettext_noop(
        "a binary Excel workbook (xlsb): save it as xlsx or CSV"
    ),
    "word/document.xml": gettext_noop("a Word document: save its table as CSV (UTF-8)"),
    "ppt/presentation.xml": gettext_noop(
        "a presentation: pairs are read from JSON, CSV or Excel"
    ),
    "content.xml": gettext_noop("an OpenDocument file: save it as xlsx or CSV (UTF-8)"),
}
_NAME_IS_UTF8 = 0x800
WORKBOOK = "xl/workbook.xml"
_PAPERS = {
    *("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"),
}
"""What lies beside tables and holds no pairs."""
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)

PAPERS = ("manifest.json", "dataset_info.json", "dataset_infos.json")
"""What lies beside the data of a dataset, and is none where there are others."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files of an archive that are read, one after the other."""

    members: Sequence[zipfile.ZipInfo]
    remarks: Sequence[str]

    @property
    def size(self) -> int:
        """Bytes when unpacked, as the archive says."""
        return sum(member.file_size for member in self.members)


def opened(file: BinaryIO, *, name: str) -> zipfile.ZipFile:
    """UnreadableFile: it is broken, of another program, or has too many files."""
    try:
        archive = zipfile.ZipFile(file)
    except _FAULTS as fault:
        raise UnreadableFile(
            gettext("%(name)s is a zip archive and broken (%(fault)s): fetch it again.")
            % {"name": name, "fault": fault}
        ) from None
    names = set(archive.namelist())
    if kind := next((_OFFICE[part] for part in _OFFICE if part in names), ""):
        raise UnreadableFile(
            gettext("%(name)s is %(kind)s.") % {"name": name, "kind": gettext(kind)}
        )
    if len(names) > MAX_MEMBERS:
        raise UnreadableFile(
            gettext("%(name)s holds %(count)s files; %(most)s are allowed.")
            % {"name": name, "count": f"{len(names):,}", "most": f"{MAX_MEMBERS:,}"}
        )
    return archive


def _base(member: zipfile.ZipInfo) -> str:
    return member.filename.rpartition("/")[2]


def chosen(archive: zipfile.ZipFile, *, name: str) -> Chosen:
    """The data files of one kind; UnreadableFile where it is not plain which."""
    files = [member for member in archive.infolist() if not member.is_dir()]
    seen = [member for member in files if not _is_hidden(member.filename)]
    dataset = _dataset(archive, {member.filename: member for member in seen})
    if dataset:
        return dataset
    data = [each for each in seen if _kind(each.filename)]
    members = [each for each in data if _base(each) not in PAPERS] or data or seen
    if not members:
        raise UnreadableFile(
            gettext("%(name)s is a zip archive without files.") % {"name": name}
        )
    kinds = {_kind(member.filename) for member in members}
    if len(kinds) > 1 or (kinds == {""} and len(members) > 1):
        raise UnreadableFile(
            gettext(
                "%(name)s holds files of several kinds (%(kinds)s): pack only "
                "those that hold the pairs."
            )
            % {"name": name, "kinds": _named(members)}
        )
    members.sort(key=lambda member: _in_order(member.filename))
    return Chosen(members, _remarks(members, files))


def unpacked(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, name: str, budget: Budget
) -> IO[bytes]:
    """The file, on disk under no name; UnreadableFile if it cannot be had."""
    if member.flag_bits & 1:
        raise UnreadableFile(
            gettext("%(name)s needs a password: unpack it and import the file in it.")
            % {"name": name}
        )
    try:
        with archive.open(member) as packed:
            return on_disk(
                _pieces(packed),
                lambda: member.compress_size,
                name=name,
                budget=budget,
            )
    except NotImplementedError as fault:
        raise UnreadableFile(
            gettext(
                "%(name)s is packed in a way that is not read (%(fault)s): unpack "
                "it first."
            )
            % {"name": name, "fault": fault}
        ) from None
    except UnreadableFile:
        raise
    except _FAULTS as fault:
        raise UnreadableFile(
            gettext("%(name)s is packed and broken (%(fault)s): fetch it again.")
            % {"name": name, "fault": fault}
        ) from None


def _pieces(packed: IO[bytes]) -> Iterator[bytes]:
    while piece := packed.read(_PIECE):
        yield piece


def name_of(member: zipfile.ZipInfo) -> str:
    """As a person knows the file: few programs say which encoding its name is in."""
    name = member.filename[:200]
    if member.flag_bits & _NAME_IS_UTF8 or name.isascii():
        return name
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return name.encode("cp437").decode(encoding)
    return name


def is_of_use(name: str) -> bool:
    """Whether a file of that name may hold pairs, or say in which order others do."""
    is_paper = PurePosixPath(name).name in _PAPERS
    return not _is_hidden(name) and (is_paper or bool(_kind(name)))


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or any(re.match(r"\.[^.]", part) for part in parts)


def _kind(name: str) -> str:
    path = PurePosixPath(name.lower())
    if path.name in _PAPERS:
        return ""
    if path.suffix in _PACKED:
        path = path.with_suffix("")
    return _KINDS.get(path.suffix[1:], "")


def _in_order(name: str) -> list[tuple[int, str]]:
    """part-2 stands before part-10."""
    return [
        (int(part or 0), text) for text, part in re.findall(r"(\D*)(\d{0,18})", name)
    ]


def _named(members: Sequence[zipfile.ZipInfo]) -> str:
    names = [name_of(member)[:100] for member in members]
    more = {"count": f"{len(names) - 20:,}"}
    told = gettext(" and %(count)s more") % more if len(names) > 20 else ""
    return ", ".join(names[:20]).encode("utf-8", "replace").decode() + told


def _remarks(
    members: Sequence[zipfile.ZipInfo], files: Sequence[zipfile.ZipInfo]
) -> list[str]:
    told = [gettext("The file was a zip archive, and was unpacked.")]
    if len(members) > 1:
        told.append(
            gettext("%(count)s files are read one after the other: %(names)s.")
            % {"count": f"{len(members):,}", "names": _named(members)}
        )
    taken = {member.filename for member in members}
    rest = [member for member in files if member.filename not in taken]
    if rest:
        told.append(
            gettext("These files in it are not read: %(names)s.")
            % {"names": _named(rest)}
        )
    return told


def _dataset(
    archive: zipfile.ZipFile, by_name: Mapping[str, zipfile.ZipInfo]
) -> Chosen | None:
    """The tables of a folder that `datasets.save_to_disk` wrote, split by split."""
    states = [name for name in by_name if PurePosixPath(name).name == "state.json"]
    parts: dict[PurePosixPath, list[str]] = {}
    for name in states:
        folder = PurePosixPath(name).parent
        said = _json(archive, by_name[name]).get("_data_files")
        named = [each.get("filename") for each in said or () if isinstance(each, dict)]
        whole = [str(folder / str(each)) for each in named]
        if whole and all(each in by_name for each in whole):
            parts[folder] = whole
    if not parts or len(parts) != len(states):
        return None
    folders = sorted(parts, key=_split_order(archive, by_name))
    members = [by_name[name] for folder in folders for name in parts[folder]]
    told = [gettext("The file was a dataset that `datasets` had saved.")]
    if len(folders) > 1:
        splits = ", ".join(folder.name for folder in folders)
        told.append(
            gettext("Its splits are read one after the other: %(splits)s.")
            % {"splits": splits[:1000]}
        )
    return Chosen(members, told)


def _split_order(
    archive: zipfile.ZipFile, by_name: Mapping[str, zipfile.ZipInfo]
) -> Callable[[PurePosixPath], tuple[int, list[tuple[int, str]]]]:
    splits: list[str] = []
    for name, member in by_name.items():
        if PurePosixPath(name).name == "dataset_dict.json":
            splits = list(map(str, _json(archive, member).get("splits") or ()))

    def place(folder: PurePosixPath) -> tuple[int, list[tuple[int, str]]]:
        known = splits.index(folder.name) if folder.name in splits else len(splits)
        return known, _in_order(str(folder))

    return place


def _json(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Mapping[str, Any]:
    """A small paper of the dataset; empty where it is none."""
    try:
        with archive.open(member) as paper:
            found = json.loads(paper.read(_PIECE))
    except (*_FAULTS, NotImplementedError, RuntimeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
