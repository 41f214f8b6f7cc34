"""Become a program that gives way to others.

    python -m annotator.config.yielding COMMAND

Where the kernel shares processor time out by sessions first (autogroups), a nice value
counts only inside one, so the session is made nice, too.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

NICE = 10
AUTOGROUP = Path("/proc/self/autogroup")


def main() -> None:
    os.nice(NICE)
    if os.getsid(0) == os.getpid():  # else it is the session of whoever typed this
        with contextlib.suppress(OSError):
            AUTOGROUP.write_text(str(NICE))
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
