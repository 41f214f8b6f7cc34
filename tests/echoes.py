"""Coaches that change nothing: they answer with the pair that they were shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from revision_engine.types import CoachRef, Completion


def shown(turn: str) -> str:
    """What stands behind the wording and its blank line."""
    return turn.partition("\n\n")[2]


class EchoBackend:
    """The coach as a backend."""

    def __init__(self, coach: CoachRef, store: Path) -> None:
        self.coach = coach

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        for place, prompt in enumerate(prompts):
            yield place, self.write_live(prompt, seed=0, tell=lambda _: None)

    def write_live(
        self, prompt: str, *, seed: int, tell: Callable[[str], None]
    ) -> Completion:
        tell(shown(prompt)[:9])
        return Completion(text=shown(prompt), new_tokens=1)


@contextmanager
def server(around: Callable[[str], str] = str) -> Iterator[str]:
    """The coach as an OpenAI-compatible server, and its address; `around` is what it
    makes of the pair."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({"data": []})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = around(shown(asked["messages"][-1]["content"]))
            message = {"role": "assistant", "content": text}
            self._say({"choices": [{"message": message, "finish_reason": "stop"}]})

        def _say(self, answer: dict) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    serving = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{serving.server_port}/v1"
    finally:
        serving.shutdown()
        serving.server_close()
