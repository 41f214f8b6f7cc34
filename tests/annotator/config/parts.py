"""Small programs that a supervisor keeps running in tests."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotator.config.children import Child, Program
from annotator.config.supervisor import Supervisor

SLEEP = "import time; time.sleep(60)"
# A parent whose worker holds a port, as uvicorn's do.
PARENT = """
import socket, subprocess, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen()
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
subprocess.Popen(sleep, pass_fds=[s.fileno()])
time.sleep(60)
"""


def child(folder: Path, code: str, *arguments: str, **options: Any) -> Child:
    name = options.pop("name", "part")
    return Child(
        Program(
            **{
                "name": name,
                "command": [sys.executable, "-c", code, *arguments],
                "log": folder / f"{name}.log",
                "mend": "Mend it.",
                "env": dict(os.environ),
                **options,
            }
        )
    )


def until(supervisor: Supervisor, what: Callable[[], Any], seconds: float = 30) -> Any:
    """Watch until it is so; AssertionError when that does not come."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        supervisor.watch_once()
        if answer := what():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")
