"""`./coachlm up` where what training needs is not here yet: `python -m
tests.up_in_parts`.

In the folder COACHLM_VAR the script `install.sh` stands for pip, and the file `there`
for what it installs.
"""

from __future__ import annotations

import sys

from annotator.config import installing, packages, up
from annotator.config.places import VAR

THERE = VAR / "there"


def lacking() -> list[str]:
    return [] if THERE.exists() else ["torch"]


if __name__ == "__main__":
    packages.lacking = lacking
    installing.FIRST_WAIT = 3.0
    installing.LOOK_AGAIN_SECONDS = 1.0
    installing.COMMAND = ("sh", str(VAR / "install.sh"))
    sys.exit(up.main())
