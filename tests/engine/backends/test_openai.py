"""The backend for OpenAI-compatible servers, against a real one and a difficult one."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue

import httpx
import pytest
from django.conf import settings

from revision_engine.adapters import AdapterMissing
from revision_engine.backends import asking, openai
from revision_engine.backends.asking import ServerFailed
from revision_engine.backends.openai import OpenAiBackend, Options
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
Answer = tuple[int, dict | str, dict[str, str]]
Script = Callable[[str, dict], Answer]
HANG = 0
"""A status for the script: say nothing, and wait until the client has gone."""


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Options]:
    """`transformers serve` with the tiny model: a server that others wrote."""
    for package in ("fastapi", "openai"):
        pytest.importorskip(package, reason="requirements-dev.txt is not installed")
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
def gone() -> SimpleQueue[str]:
    """Where the scripted server tells that a client left while it hung."""
    return SimpleQueue()


def _answers(script: Script, gone: SimpleQueue[str]) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(script(self.path, {}))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._say(script(self.path, json.loads(self.rfile.read(length))))

        def _say(self, answer: Answer) -> None:
            status, body, headers = answer
            if status == HANG:
                self.connection.settimeout(20)
                assert self.connection.recv(1) == b""
                gone.put(self.path)
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            text = body if isinstance(body, str) else json.dumps(body)
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    return Answers


@pytest.fixture
def scripted(monkeypatch, gone) -> Iterator[Callable[[Script], Options]]:
    """A real HTTP server that answers as it is told."""
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.01)
    servers: list[ThreadingHTTPServer] = []

    def start(script: Script) -> Options:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _answers(script, gone))
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_port}/v1"
        return Options(base_url=url, api_key="secret", tries=3, timeout=5.0)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def backend(options: Options, **changes: object) -> OpenAiBackend:
    return OpenAiBackend(COACH, Path(), replace(options, **changes))  # type: ignore[arg-type]


@pytest.mark.model
def test_a_real_server_answers_each_prompt_in_its_place(served):
    prompts = ["Say hi.", "Instruction: A poem.", "Why?"]

    together = dict(backend(served).complete(prompts))
    alone = [dict(backend(served).complete([prompt]))[0] for prompt in prompts]

    assert [together[place].text for place in range(3)] == [a.text for a in alone]
    assert all(answer.text for answer in alone)
    assert all(a.finished == (a.new_tokens < 24) for a in alone)  # 24 is the limit


@pytest.mark.model
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

    def script(path: str, body: dict) -> Answer:
        calls.append(path)
        busy = path.endswith("completions") and len(calls) == 2
        if busy:
            return 429, {"error": "busy"}, {"Retry-After": "0.02"}
        return 200, {"data": []} | ANSWER, {}

    [(_, answer)] = backend(scripted(script)).complete(["Hi."])

    assert answer.text == "Fine."
    assert len(calls) == 3


def test_one_prompt_that_fails_for_good_takes_no_other_with_it(scripted):
    def script(path: str, body: dict) -> Answer:
        if "bad" in str(body):
            return 500, {}, {}
        return 200, {"data": []} | ANSWER, {}

    answers = []
    coming = backend(scripted(script)).complete(["a", "bad", "c", "d"])
    with pytest.raises(ServerFailed, match="tries: 3, the last: 500") as failure:
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

    def script(path: str, body: dict) -> Answer:
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

    def script(path: str, body: dict) -> Answer:
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
    with pytest.raises(
        ServerFailed, match=r"127\.0\.0\.1:9/v1: tries: 1, the last: ConnectError"
    ):
        backend(Options(base_url="http://127.0.0.1:9/v1", tries=1))


def test_options_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gpu:8000/v1/")
    monkeypatch.setenv("OPENAI_CONCURRENCY", "32")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")

    options = Options.from_environment()

    assert (options.base_url, options.concurrency) == ("http://gpu:8000/v1", 32)
    assert "secret" not in repr(options)


def chats(answer: Answer, models: Sequence[str] = ("lora-1",)) -> Script:
    """A script of a server with these models, which answers every chat alike."""
    listed = {"data": [{"id": name} for name in models]}
    return lambda path, body: answer if "messages" in body else (200, listed, {})


def stream(*pieces: str, reason: str | None = "stop") -> str:
    """A chat as server-sent events, its characters as they are."""
    deltas: list[dict] = [{"delta": {"content": piece}} for piece in pieces]
    if reason:
        deltas.append({"delta": {}, "finish_reason": reason})
    events = [json.dumps({"choices": [d]}, ensure_ascii=False) for d in deltas]
    return "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"])


def test_requests_under_way_at_once_all_learn_that_there_are_no_scores(scripted):
    both = threading.Barrier(4)

    def script(path: str, body: dict) -> Answer:
        if "logprobs" in body:
            both.wait(5)
            return 422, {"detail": "logprobs: extra fields not permitted"}, {}
        return 200, {"data": []} | ANSWER, {}

    answers = dict(backend(scripted(script)).complete(["a", "b", "c", "d"]))

    assert [answers[place].text for place in range(4)] == ["Fine."] * 4


def test_a_stopped_batch_leaves_the_server_at_once(scripted, gone):
    def script(path: str, body: dict) -> Answer:
        slow = "slow" in str(body)
        return (HANG if slow else 200), {"data": []} | ANSWER, {}

    # Silence would last longer than the test waits: only a client that leaves is gone.
    patient = backend(replace(scripted(script), timeout=600))
    coming = patient.complete(["slow", "quick", "slow"])
    first, _ = next(coming)
    coming.close()  # type: ignore[attr-defined]

    assert first == 1
    assert all([gone.get(timeout=15), gone.get(timeout=15)])


def test_silence_is_a_failure_after_the_timeout(scripted):
    options = replace(scripted(chats((HANG, {}, {}))), timeout=0.2, tries=2)

    with pytest.raises(ServerFailed, match="tries: 2, the last: ReadTimeout"):
        list(backend(options).complete(["Hi."]))


def test_no_one_asks_before_the_server_said(scripted):
    asked: list[float] = []

    def script(path: str, body: dict) -> Answer:
        if body:
            asked.append(time.monotonic())
        if len(asked) == 1:
            return 503, {}, {"Retry-After": "1"}
        return 200, {"data": []} | ANSWER, {}

    list(backend(scripted(script)).complete(["Hi."]))

    assert asked[1] - asked[0] >= 1


def test_a_server_that_wants_an_hour_is_given_up_at_once(scripted):
    options = scripted(chats((429, {}, {"Retry-After": "3600"})))

    with pytest.raises(ServerFailed, match="429"):
        list(backend(options).complete(["Hi."]))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "This model's maximum context length is 8 tokens. However, you asked"),
        (400, "the request exceeds the available context size (8 tokens)"),
        (400, "The input (99 tokens) is longer than the model's context length (8)."),
        (400, "Input length (99 tokens) exceeds the maximum allowed length (8)."),
        (422, "Input validation error: `inputs` must have less than 8 tokens. Given"),
        (422, "`inputs` tokens + `max_new_tokens` must be <= 8. Given: 9 and 9"),
        (413, "Payload too large"),
    ],
)
def test_each_server_has_its_own_words_for_too_long(scripted, status, said):
    options = scripted(chats((status, {"error": {"message": said}}, {})))

    [(_, answer)] = backend(options).complete(["Hi."])

    assert answer.refused


def test_another_refusal_fails_at_once_in_the_servers_words_without_the_key(scripted):
    asked: list[str] = []

    def script(path: str, body: dict) -> Answer:
        asked.append(path)
        said = {"error": {"message": "No access with secret. " + "x" * 500}}
        return (401 if body else 200), said, {}

    with pytest.raises(ServerFailed, match=r"401 No access with …\. x+$") as failure:
        list(backend(scripted(script)).complete(["Hi."]))

    assert len(asked) == 2
    assert len(str(failure.value)) < 400


def test_what_is_no_completion_fails_that_prompt(scripted):
    with pytest.raises(ServerFailed, match="no completion"):
        list(backend(scripted(chats((200, "<html>", {})))).complete(["Hi."]))


def test_a_stream_tells_the_text_so_far_and_scores_it(scripted, monkeypatch):
    monkeypatch.setattr(openai, "TELL_EVERY", 0.0)
    scored = {"content": [{"logprob": -0.5}]}
    last = {"delta": {"content": "."}, "logprobs": scored, "finish_reason": "stop"}
    text = stream("A\u2028line", "\x85", reason=None).replace(
        "data: [DONE]", "data: " + json.dumps({"choices": [last]})
    )
    told: list[str] = []

    answer = backend(scripted(chats((200, text, {})))).write_live(
        "Hi.", seed=1, tell=told.append
    )

    assert told[:2] == ["A\u2028line", "A\u2028line\x85"]
    assert (answer.text, answer.finished) == ("A\u2028line\x85.", True)
    assert answer.mean_logprob == -0.5


def test_a_stream_that_reached_the_limit_is_not_finished(scripted):
    options = scripted(chats((200, stream("And", reason="length"), {})))

    answer = backend(options).write_live("Hi.", seed=1, tell=lambda text: None)

    assert (answer.text, answer.finished) == ("And", False)


@pytest.mark.parametrize(
    "first", [(503, {}, {}), (200, stream("Half", reason=None), {})]
)
def test_a_stream_that_fails_or_breaks_off_is_asked_for_again(scripted, first):
    answers = iter([first, (200, stream("Whole"), {})])

    def script(path: str, body: dict) -> Answer:
        return next(answers) if body else (200, {"data": []}, {})

    answer = backend(scripted(script)).write_live("Hi.", seed=7, tell=lambda text: None)

    assert (answer.text, answer.finished) == ("Whole", True)


def test_a_server_error_inside_a_stream_is_told(scripted):
    text = "data: " + json.dumps({"error": {"message": "out of memory"}}) + "\n\n"

    with pytest.raises(ServerFailed, match="out of memory"):
        backend(scripted(chats((200, text, {})))).write_live(
            "Hi.", seed=7, tell=lambda text: None
        )


def test_a_listener_that_fails_ends_the_stream(scripted):
    def tell(text: str) -> None:
        raise KeyError("no one listens")

    with pytest.raises(KeyError, match="no one listens"):
        backend(scripted(chats((200, stream("Hi", "."), {})))).write_live(
            "Hi.", seed=7, tell=tell
        )


def test_a_coach_the_server_does_not_have_is_refused_with_what_it_has(scripted):
    options = scripted(chats((200, ANSWER, {}), models=["base", "old"]))

    with pytest.raises(ServerFailed, match="serves base, old, not lora-1"):
        backend(options)
    assert backend(options, model="anything").model == "anything"


def test_a_server_that_refuses_the_key_is_refused(scripted):
    with pytest.raises(ServerFailed, match="401 no"):
        backend(scripted(lambda path, body: (401, {"error": "no"}, {})))


@pytest.mark.parametrize("meanwhile", [False, True])
def test_an_adapter_that_cannot_be_loaded_is_an_error_unless_it_is_there_by_now(
    scripted, tmp_path, meanwhile
):
    listed = [{"id": "base"}]

    def script(path: str, body: dict) -> Answer:
        if not body:
            return 200, {"data": listed.copy()}, {}
        if meanwhile:  # another worker was quicker
            listed.append({"id": "lora-1"})
        return 400, {"message": "LoRA rank 64 exceeds the maximum of 16"}, {}

    weights = tmp_path / "lora-1" / "adapter_model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"weights")
    coach = replace(COACH, adapter_sha256=hashlib.sha256(b"weights").hexdigest())
    options = replace(scripted(script), load_adapters=True)

    if meanwhile:
        OpenAiBackend(coach, tmp_path, options)
    else:
        with pytest.raises(ServerFailed, match="rank 64"):
            OpenAiBackend(coach, tmp_path, options)


def test_defaults_and_flags_are_those_of_the_settings(monkeypatch):
    for setting in settings.ENV.known:
        if setting.name.startswith("OPENAI_"):
            monkeypatch.setenv(setting.name, setting.default)
    as_documented = Options.from_environment()
    monkeypatch.setenv("OPENAI_LOAD_ADAPTERS", "true")

    assert as_documented == Options()
    assert Options.from_environment().load_adapters


def test_a_password_in_the_address_stays_out_of_errors():
    with pytest.raises(ServerFailed, match=r"//127\.0\.0\.1:9/v1") as failure:
        backend(Options(base_url="http://me:hidden@127.0.0.1:9/v1", tries=1))

    assert "hidden" not in str(failure.value)


def test_a_server_whose_list_of_models_fails_is_asked_for_a_named_one(scripted):
    options = scripted(lambda path, body: (200, ANSWER, {}) if body else (500, {}, {}))

    [(_, answer)] = backend(options, model="named").complete(["Hi."])

    assert answer.text == "Fine."
    with pytest.raises(ServerFailed, match="500"):
        backend(options)


def test_a_server_that_was_started_anew_gets_the_adapter_again(scripted, tmp_path):
    loaded: list[str] = []

    def script(path: str, body: dict) -> Answer:
        if path.endswith("load_lora_adapter"):
            loaded.append(body["lora_name"])
        return 200, {"data": [{"id": name} for name in ["base", *loaded]]} | ANSWER, {}

    weights = tmp_path / "lora-1" / "adapter_model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"weights")
    right = replace(COACH, adapter_sha256=hashlib.sha256(b"weights").hexdigest())
    coach = OpenAiBackend(
        right, tmp_path, replace(scripted(script), load_adapters=True)
    )
    list(coach.complete(["a"]))
    before = loaded.copy()
    loaded.clear()  # what a restart forgets
    list(coach.complete(["b"]))

    assert before == loaded == ["lora-1"]
