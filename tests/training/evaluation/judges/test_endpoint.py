"""The judge behind a server: what it asks, reads, keeps, and what it costs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from revision_engine.backends import asking
from revision_engine.backends.asking import ServerFailed
from revision_engine.types import PairText
from training.evaluation.judges.endpoint import EndpointJudge, EndpointOptions
from training.evaluation.judges.judge import Contest, Winner

Script = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]
KEY = "sk-secret"


class Server:
    """A real HTTP server that answers as it is told, and remembers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.script: Script = lambda body: said("{}")
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        run = self.http.serve_forever
        threading.Thread(target=run, args=(0.01,), daemon=True).start()

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                server.asked.append(body)
                status, answer = server.script(body)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: object) -> None:
                pass

        return Answers


def said(text: str, **choice: Any) -> tuple[int, dict[str, Any]]:
    message = {"content": text, **choice.pop("message", {})}
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    return 200, {"choices": [{"message": message, **choice}], "usage": usage}


def rated(rating: float) -> tuple[int, dict[str, Any]]:
    return said(json.dumps({"reason": "So.", "rating": rating}))


def question(body: dict[str, Any]) -> str:
    [message] = body["messages"]
    return str(message["content"])


def pair(response: str) -> PairText:
    return PairText(instruction="Name a colour.", response=response)


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.01)
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def options(server: Server, tmp_path: Path) -> EndpointOptions:
    return EndpointOptions(
        base_url=f"http://127.0.0.1:{server.http.server_port}/v1",
        model="big",
        api_key=KEY,
        answers=tmp_path / "judged",
        tries=2,
        timeout=5.0,
        prompt_price=3.0,
        completion_price=15.0,
    )


def test_each_pair_gets_the_rating_that_was_meant_for_it(server, options):
    server.script = lambda body: rated(2 if "Scarlet" in question(body) else 4.5)

    found = EndpointJudge(options).rate(
        [pair("Scarlet."), pair("Blue."), pair("Scarlet!")]
    )

    assert [each.rating for each in found] == [2.0, 4.5, 2.0]
    assert found[0].reason == "So."
    assert all(body["temperature"] == 0 for body in server.asked)
    assert {body["model"] for body in server.asked} == {"big"}


def test_nothing_is_asked_or_paid_for_twice(server, options):
    server.script = lambda body: rated(3)
    judge = EndpointJudge(options)
    judge.rate([pair("Scarlet."), pair("Scarlet.")])

    again = EndpointJudge(options)
    found = again.rate([pair("Scarlet."), pair("Blue.")])

    assert [each.rating for each in found] == [3.0, 3.0]
    assert len(server.asked) == 2
    assert (judge.usage.questions, judge.usage.from_kept) == (2, 1)
    assert (again.usage.questions, again.usage.from_kept) == (2, 1)
    assert again.usage.prompt_tokens == 100
    assert again.usage.cost == pytest.approx((100 * 3 + 10 * 15) / 1e6)


def test_another_model_is_asked_anew(server, options):
    server.script = lambda body: rated(3)
    EndpointJudge(options).rate([pair("Scarlet.")])

    EndpointJudge(replace(options, model="other")).rate([pair("Scarlet.")])

    assert [body["model"] for body in server.asked] == ["big", "other"]


def test_without_prices_there_is_no_cost(server, options):
    server.script = lambda body: rated(3)
    judge = EndpointJudge(replace(options, prompt_price=0.0, completion_price=0.0))

    judge.rate([pair("Scarlet.")])

    assert judge.usage.cost is None


def test_a_preference_is_asked_for_in_both_orders(server, options):
    def longest(body):
        text = question(body)
        told, _ = json.JSONDecoder().raw_decode(text, text.index('{\n "A"'))
        one, other = len(told["A"]["response"]), len(told["B"]["response"])
        better = "tie" if one == other else "A" if one > other else "B"
        return said(json.dumps({"reason": "So.", "better": better}))

    server.script = longest

    found = EndpointJudge(options).prefer(
        [
            Contest(first=pair("Scarlet, and blue."), second=pair("Scarlet.")),
            Contest(first=pair("Scarlet."), second=pair("Scarlet, and blue.")),
            Contest(first=pair("Scarlet."), second=pair("Crimson.")),
        ]
    )

    assert [each.winner for each in found] == [Winner.FIRST, Winner.SECOND, Winner.TIE]
    assert all(each.consistent for each in found)
    assert len(server.asked) == 4  # two contests are each other's turned ones


def test_a_judge_that_likes_what_it_is_shown_first_has_no_winner(server, options):
    server.script = lambda body: said('{"reason": "So.", "better": "A"}')

    [found] = EndpointJudge(options).prefer(
        [Contest(first=pair("Scarlet."), second=pair("Blue."))]
    )

    assert (found.as_given, found.swapped) == (Winner.FIRST, Winner.SECOND)
    assert (found.winner, found.consistent) == (Winner.TIE, False)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (said("", message={"refusal": "No."}), "refused"),
        (said("", finish_reason="content_filter"), "refused"),
        ((400, {"error": {"code": "content_filter", "message": "No."}}), "refused"),
        ((400, {"error": "maximum context length is 512 tokens"}), "too long"),
        (said("It is good."), "unreadable"),
        (said('{"reason": "Cut of', finish_reason="length"), "unreadable"),
    ],
)
def test_what_is_no_answer_is_told_and_counted(server, options, answer, problem):
    server.script = lambda body: answer if "Scarlet" in question(body) else rated(4)
    judge = EndpointJudge(options)

    red, blue = judge.rate([pair("Scarlet."), pair("Blue.")])

    assert (red.rating, red.problem) == (None, problem)
    assert blue.rating == 4
    use = judge.usage
    counted = {
        "refused": use.refused,
        "too long": use.too_long,
        "unreadable": use.unreadable,
    }
    assert counted == {"refused": 0, "too long": 0, "unreadable": 0} | {problem: 1}


def test_a_busy_server_is_asked_again(server, options):
    answers = iter([(503, {}), rated(4)])
    server.script = lambda body: next(answers)

    [found] = EndpointJudge(options).rate([pair("Scarlet.")])

    assert found.rating == 4


def test_what_was_answered_before_a_fault_is_kept(server, options):
    server.script = lambda body: (
        rated(4) if "Scarlet" in question(body) else (404, {"error": "no such model"})
    )
    judge = EndpointJudge(replace(options, concurrency=1))

    with pytest.raises(ServerFailed, match="404 no such model"):
        judge.rate([pair("Scarlet."), pair("Blue."), pair("Green.")])

    assert len(server.asked) == 2  # the first fault ends it
    server.script = lambda body: rated(1)
    found = EndpointJudge(options).rate(
        [pair("Scarlet."), pair("Blue."), pair("Green.")]
    )
    assert [each.rating for each in found] == [4.0, 1.0, 1.0]


def test_the_key_is_in_no_message_and_no_file(server, options, caplog):
    server.script = lambda body: (401, {"error": f"Incorrect key {KEY}"})
    with pytest.raises(ServerFailed) as fault:
        EndpointJudge(options).rate([pair("Scarlet.")])
    server.script = lambda body: rated(1)
    EndpointJudge(options).rate([pair("Scarlet.")])

    kept = "".join(path.read_text() for path in options.answers.iterdir())
    assert KEY not in f"{fault.value} {options!r} {caplog.text} {kept}"


def test_a_line_that_a_kill_left_half_written_is_asked_anew(server, options):
    server.script = lambda body: rated(4)
    EndpointJudge(options).rate([pair("Scarlet.")])
    [path] = options.answers.iterdir()
    path.write_text(path.read_text()[:40])

    [found] = EndpointJudge(options).rate([pair("Scarlet.")])

    assert found.rating == 4
    assert len(server.asked) == 2
    again = EndpointJudge(options)
    again.rate([pair("Scarlet.")])
    assert again.usage.from_kept == 1
