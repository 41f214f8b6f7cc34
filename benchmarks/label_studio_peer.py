"""How long Label Studio takes to import the same rows: in a virtual environment of its
own (`pip install label-studio==1.23.0`), with its default database, over its API.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil

PORT = 18_734
TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105 (made up, local)
A_CALL = 5_000
READY_SECONDS = 300
CONFIG = """<View><Text name="instruction" value="$instruction"/>
<TextArea name="output" toName="instruction"/></View>"""


class Taken(NamedTuple):
    """What the import alone took."""

    seconds: float
    processor: float
    """Seconds of processor of the server: other work on the machine alters these
    less."""


def taken(program: Path, rows: Iterable[dict[str, Any]]) -> Taken:
    """Start it, import all rows, stop it.

    RuntimeError: it did not start, or refused rows.
    """
    with tempfile.TemporaryDirectory(prefix="label-studio-") as name:
        server = _start(program, Path(name))
        try:
            before = _of_processor(server.pid)
            seconds = _import(rows)
            return Taken(seconds, _of_processor(server.pid) - before)
        finally:
            server.terminate()
            server.wait(30)


def _start(program: Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [
        *(str(program), "start", "--no-browser", "-p", str(PORT)),
        *("--username", "bench@example.org", "--password", "a long password"),
        *("--user-token", TOKEN, "--data-dir", str(folder)),
    ]
    env = {
        **{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            if _client().get("/api/projects").status_code == 200:
                return server
        except httpx.HTTPError:
            pass
        time.sleep(1)
    server.kill()
    raise RuntimeError(f"Label Studio did not start: {(folder / 'log').read_text()}")


def _of_processor(pid: int) -> float:
    """Seconds that a process and all that it has started have taken."""
    whole = 0.0
    server = psutil.Process(pid)
    for each in (server, *server.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            took = each.cpu_times()
            whole += took.user + took.system
    return whole


def _client() -> httpx.Client:
    return httpx.Client(
        base_url=f"http://127.0.0.1:{PORT}",
        headers={"Authorization": f"Token {TOKEN}"},
        timeout=600,
    )


def _import(rows: Iterable[dict[str, Any]]) -> float:
    with _client() as client:
        made = client.post(
            "/api/projects", json={"title": "bench", "label_config": CONFIG}
        )
        at = f"/api/projects/{made.raise_for_status().json()['id']}/import"
        tasks = [{"data": row} for row in rows]
        starts = range(0, len(tasks), A_CALL)
        bodies = [json.dumps(tasks[start : start + A_CALL]) for start in starts]
        began = time.monotonic()
        for body in bodies:
            answer = client.post(
                at, content=body, headers={"Content-Type": "application/json"}
            )
            if answer.is_error:
                raise RuntimeError(f"Label Studio refuses rows: {answer.text[:500]}")
        return time.monotonic() - began
