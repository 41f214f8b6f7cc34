"""Whether each package that CoachLM needs may be needed: its licence is on a list.

`python -m annotator.config.licences` looks at what the requirements files pull in, as
it is installed here, and names every package whose licence is not allowed or not known.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement

from annotator.config import packages
from annotator.config.packages import ALONE, BASE, Needed

FILES = ("requirements.txt", "requirements-dev.txt")
PERMISSIVE = frozenset(
    {
        *("0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause"),
        *("BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "MIT"),
        *("MIT-0", "MIT-CMU", "PSF-2.0", "Unlicense", "Zlib"),
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
    Allowed("fido2", "BSD-3-Clause AND Apache-2.0 AND MPL-2.0", _FILES_ONLY),
    Allowed(
        "qrcode",
        "BSD-3-Clause AND Other/Proprietary License",
        "Its text is BSD, and MIT for what it was ported from; the rest of its label "
        "is a note that QR Code is a trademark.",
    ),
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


def roots(base: Path = BASE) -> list[tuple[Requirement, str]]:
    """What the requirements files ask for, each with its file's name."""
    wanted = [each for file in FILES for each in packages.asked(file, base)]
    return wanted + [(Requirement(name), "./coachlm") for name in ALONE]


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


def faults(found: Iterable[Needed]) -> list[str]:
    """A sentence for each package that may not be needed, as far as can be told."""
    return [f"{one.name} ({one.by}): {why}" for one in found if (why := _fault(one))]


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
    needed = list(packages.needed(roots()))
    found = faults(needed)
    for sentence in found:
        sys.stderr.write(f"{sentence}\n")
    sys.stderr.write(f"{len(needed)} packages, {len(found)} with a fault.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
