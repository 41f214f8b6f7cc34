"""Become a program that gives way to others.

    python -m annotator.config.yielding NICE COMMAND

Where the kernel shares processor time out by sessions first (autogroups), a nice value
counts only inside one, so the session is made nice, too.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

BATCHES = 10
"""Drafting gives way to people ..."""
DEMO = 15
"""... the demo's made-up weeks to drafts ..."""
INSTALLING = 19
"""... and what training needs to all of them."""
AUTOGROUP = Path("/proc/self/autogroup")


def command(nice: int) -> tuple[str, ...]:
    """What stands before a command that gives way so far."""
    return (sys.executable, "-m", "annotator.config.yielding", str(nice))


def main() -> None:
    nice = int(sys.argv[1])
    os.nice(nice)
    if os.getsid(0) == os.getpid():  # else it is the session of whoever typed this
        with contextlib.suppress(OSError):
            AUTOGROUP.write_text(str(nice))
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
