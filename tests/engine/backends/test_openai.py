"""The backend for OpenAI-compatible servers, against a real one and a difficult one."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from revision_engine.adapters import AdapterMissing
from revision_engine.backends import openai
from revision_engine.backends.openai import OpenAiBackend, Options, ServerFailed
from revision_engine.types import CoachRef
from tests.tiny_model import make_tiny_model

COACH = CoachRef(
    name="Eva",
    base_model="base",
    adapter="lora-1",
    adapter_sha256="0" * 64,
    prompt="coachlm-1",
    wording="Improve.",
)
ANSWER = {
    "choices": [
        {
            "message": {"content": "Fine."},
            "finish_reason": "stop",
            "logprobs": {"content": [{"logprob": -0.2}, {"logprob": -0.4}]},
        }
    ],
    "usage": {"completion_tokens": 2},
}
Script = Callable[[str, dict], tuple[int, dict, dict[str, str]]]


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Options]:
    """`transformers serve` with the tiny model: a server that others wrote."""
    model = make_tiny_model(tmp_path_factory.mktemp("served") / "tiny")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("transformers")
    process = subprocess.Popen(
        [program, "serve", str(model), "--port", str(port), "--device", "cpu"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process)
        yield Options(base_url=f"{url}/v1", model=str(model), max_new_tokens=24)
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen) -> None:
    for _ in range(600):
        assert process.poll() is None, "transformers serve did not start"
        try:
            if httpx.get(f"{url}/health").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError("transformers serve did not answer in time")


@pytest.fixture
def scripted(monkeypatch) -> Iterator[Callable[[Script], Options]]:
    """A real HTTP server that answers as it is told."""
    monkeypatch.setattr(openai, "FIRST_WAIT", 0.01)
    servers = []

    def start(script: Script) -> Options:
        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(script(self.path, {}))

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                self._say(script(self.path, json.loads(self.rfile.read(length))))

            def _say(self, answer: tuple[int, dict, dict[str, str]]) -> None:
                status, body, headers = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_port}/v1"
        return Options(base_url=url, api_key="secret", tries=3, timeout=5.0)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def backend(options: Options, **changes: object) -> OpenAiBackend:
    return OpenAiBackend(COACH, Path(), replace(options, **changes))  # type: ignore[arg-type]


def test_a_real_server_answers_each_prompt_in_its_place(served):
    prompts = ["Say hi.", "Instruction: A poem.", "Why?"]

    together = dict(backend(served).complete(prompts))
    alone = [dict(backend(served).complete([prompt]))[0] for prompt in prompts]

    assert [together[place].text for place in range(3)] == [a.text for a in alone]
    assert all(answer.text for answer in alone)
    assert all(a.finished == (a.new_tokens < 24) for a in alone)  # 24 is the limit


def test_a_real_server_streams_while_a_person_watches(served, monkeypatch):
    monkeypatch.setattr(openai, "TELL_EVERY", 0.0)
    told: list[str] = []

    answer = backend(served).write_live("Say hi.", seed=1, tell=told.append)

    assert answer.text
    assert len(told) > 1
    assert answer.text.startswith(told[0])


def test_the_score_is_the_mean_of_the_tokens_log_probabilities(scripted):
    options = scripted(lambda path, body: (200, {"data": []} | ANSWER, {}))

    [(_, answer)] = backend(options).complete(["Hi."])

    assert answer.mean_logprob == pytest.approx(-0.3)
    assert (answer.text, answer.new_tokens, answer.finished) == ("Fine.", 2, True)


def test_a_busy_server_is_asked_again_when_it_said(scripted):
    calls: list[str] = []

    def script(path: str, body: dict) -> tuple[int, dict, dict[str, str]]:
        calls.append(path)
        busy = path.endswith("completions") and len(calls) == 2
        if busy:
            return 429, {"error": "busy"}, {"Retry-After": "0.02"}
        return 200, {"data": []} | ANSWER, {}

    [(_, answer)] = backend(scripted(script)).complete(["Hi."])

    assert answer.text == "Fine."
    assert len(calls) == 3


def test_one_prompt_that_fails_for_good_takes_no_other_with_it(scripted):
    def script(path: str, body: dict) -> tuple[int, dict, dict[str, str]]:
        bad = "bad" in str(body)
        return (500 if bad else 200), {"data": []} | ANSWER, {}

    answers = []
    coming = backend(scripted(script)).complete(["a", "bad", "c", "d"])
    with pytest.raises(ServerFailed, match="3 tries, the last: 500") as failure:
        answers.extend(coming)

    assert sorted(place for place, _ in answers) == [0, 2, 3]
    assert "secret" not in str(failure.value)


def test_a_prompt_beyond_the_context_is_refused(scripted):
    said = {"error": "This model's maximum context length is 8 tokens."}
    options = scripted(
        lambda path, body: (400, said, {}) if body else (200, {"data": []}, {})
    )

    [(_, answer)] = backend(options).complete(["Hi."])

    assert (answer.refused, answer.finished, answer.text) == (True, False, "")


def test_a_server_without_scores_is_asked_without_them_from_then_on(scripted):
    asked: list[bool] = []

    def script(path: str, body: dict) -> tuple[int, dict, dict[str, str]]:
        if body:
            asked.append("logprobs" in body)
        if "logprobs" in body:
            return 400, {"error": "unknown field logprobs"}, {}
        return 200, {"data": []} | ANSWER, {}

    coach = backend(scripted(script), concurrency=1)
    list(coach.complete(["a", "b"]))

    assert asked == [True, False, False]


def test_the_adapter_of_a_promoted_coach_is_loaded_while_the_server_runs(
    scripted, tmp_path
):
    loaded: list[dict] = []

    def script(path: str, body: dict) -> tuple[int, dict, dict[str, str]]:
        if path.endswith("load_lora_adapter"):
            loaded.append(body)
        return 200, {"data": [{"id": "base"}]} | ANSWER, {}

    weights = tmp_path / "lora-1" / "adapter_model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"weights")
    sha256 = "9d4e1e23bd5b727046a9e3b4b7db57bd8d6ee684"  # of something else
    options = replace(scripted(script), load_adapters=True)

    with pytest.raises(Exception, match="digest"):
        OpenAiBackend(replace(COACH, adapter_sha256=sha256), tmp_path, options)
    with pytest.raises(AdapterMissing):
        OpenAiBackend(replace(COACH, adapter="lost"), tmp_path, options)
    right = hashlib.sha256(b"weights").hexdigest()
    OpenAiBackend(replace(COACH, adapter_sha256=right), tmp_path, options)

    assert loaded == [{"lora_name": "lora-1", "lora_path": str(weights.parent)}]


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(ServerFailed, match=r"127\.0\.0\.1:9/v1: ConnectError"):
        backend(Options(base_url="http://127.0.0.1:9/v1"))


def test_options_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gpu:8000/v1/")
    monkeypatch.setenv("OPENAI_CONCURRENCY", "32")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")

    options = Options.from_environment()

    assert (options.base_url, options.concurrency) == ("http://gpu:8000/v1", 32)
    assert "secret" not in repr(options)
