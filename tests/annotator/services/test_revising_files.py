"""A whole file is revised with nobody in the loop; no row is lost or done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotator.domain.errors import Invalid
from annotator.services import revising_files
from annotator.services.revising_files import Job
from revision_engine.backends.fake import FakeBackend
from revision_engine.types import CoachRef, Completion, PairText
from tests import factories
from training.examples import fingerprint

COACH = CoachRef(name="Eva", base_model="none", prompt="coachlm-1", wording="Improve.")


class Counting(FakeBackend):
    asked = 0

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        Counting.asked += len(prompts)
        return super().complete(prompts)


@pytest.fixture(autouse=True)
def nothing_asked():
    Counting.asked = 0


@pytest.fixture
def job(tmp_path: Path) -> Job:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(map(row, ["One.", "UNPARSEABLE", "Three.", "Four."])))
    return Job(source=source, out=tmp_path / "out.jsonl", coach=COACH, known=nobody)


def row(response: str) -> str:
    return json.dumps({"instruction": "Say.", "input": "", "output": response}) + "\n"


def nobody(prints: Sequence[str]) -> dict[str, PairText | None]:
    return {}


def make() -> Counting:
    return Counting(COACH, Path())


def run(job: Job) -> list[dict]:
    list(revising_files.revise(job, make))
    return [json.loads(line) for line in job.out.read_text().splitlines()]


def test_every_row_comes_out_in_order_with_its_provenance(job):
    rows = run(job)

    assert [line["row"] for line in rows] == [1, 2, 3, 4]
    assert rows[0]["output"] == "One. Revised by Eva."
    assert rows[0]["raw"]["output"] == "One."
    assert rows[0]["provenance"]["coach"] == "Eva"
    assert rows[0]["provenance"]["mean_logprob"] == -0.5
    assert not list(job.out.parent.glob("*.part"))


def test_an_unusable_answer_leaves_the_raw_pair_and_says_so(job):
    line = run(job)[1]

    assert line["output"] == "UNPARSEABLE"
    assert line["provenance"]["source"] == "raw"
    assert line["provenance"]["problem"] == "unparseable"


def test_an_interrupted_run_goes_on_where_it_was(job):
    first = revising_files.revise(job, make)
    list(islice(first, 3))  # the start, and two rows
    first.close()
    part = job.out.with_name("out.jsonl.part")
    part.write_bytes(part.read_bytes() + b'{"row": 3, "instr')  # killed in a line
    Counting.asked = 0

    rows = run(job)

    assert [line["row"] for line in rows] == [1, 2, 3, 4]
    assert Counting.asked == 2


def test_a_part_of_another_input_is_not_mixed_in(job):
    first = revising_files.revise(job, make)
    list(islice(first, 2))
    first.close()
    job.source.write_text(row("Another."))

    with pytest.raises(Invalid, match="another input or coach"):
        run(job)


def test_bad_rows_are_named_before_any_work(job):
    job.source.write_text(row("One.") + "no json\n" + row("Three."))

    told = r"in.jsonl has 1 row that cannot be read:\n  row 2:"
    with pytest.raises(Invalid, match=told):
        run(job)

    assert Counting.asked == 0


def test_bad_rows_are_left_out_when_that_is_asked(job):
    job.source.write_text(row("One.") + "no json\n" + row("Three."))

    rows = run(replace(job, leave_out_bad=True))

    assert [line["row"] for line in rows] == [1, 3]


def test_rows_that_are_left_out_are_counted(job):
    job.source.write_text(row("One.") + "no json\n" * 3)

    *_, last = revising_files.revise(replace(job, leave_out_bad=True), make)

    assert (last.total, last.left_out) == (1, 3)


def test_a_list_comes_out_where_the_ending_asks_for_one(job):
    out = job.out.with_name("out.json")

    list(revising_files.revise(replace(job, out=out), make))

    assert [line["row"] for line in json.loads(out.read_text())] == [1, 2, 3, 4]
    assert "[" not in job.out.with_name("in.jsonl").read_text()


@pytest.mark.parametrize("name", ["out.csv", "out", "out.jsonl.gz", "out.JSON"])
def test_another_ending_is_refused_before_any_work(job, name):
    with pytest.raises(Invalid, match=r"must end in .jsonl or .json"):
        list(revising_files.revise(replace(job, out=job.out.with_name(name)), make))

    assert Counting.asked == 0
    assert not list(job.out.parent.glob("out*"))


def test_a_missing_folder_is_named(job):
    out = job.out.parent / "nowhere" / "out.jsonl"

    with pytest.raises(Invalid, match=r"There is no folder .*nowhere"):
        list(revising_files.revise(replace(job, out=out), make))


@pytest.mark.parametrize("content", ["[]", "no json\n", "\n\n", '{"output": "x"}'])
@pytest.mark.parametrize("leave_out_bad", [True, False])
def test_a_file_without_a_row_that_can_be_used_writes_nothing(
    job, content, leave_out_bad
):
    job.source.write_text(content)

    with pytest.raises(Invalid, match=r"in.jsonl"):
        run(replace(job, leave_out_bad=leave_out_bad))

    assert not list(job.out.parent.glob("out*"))


def test_a_part_of_another_format_is_not_gone_on_with(job):
    first = revising_files.revise(job, make)
    list(islice(first, 2))
    first.close()
    part = job.out.with_name("out.jsonl.part")
    part.write_text(part.read_text().replace('"format": 2', '"format": 1'))

    with pytest.raises(Invalid, match="another input or coach"):
        run(job)


def test_what_the_coach_does_not_see_goes_out_as_it_came(job):
    given = {
        "instruction": "Say.",
        "response": "One.",
        "id": 5,
        "category": "geology",
        "tags": ["a"],
        "row": "theirs",
        "Revised Instruction": "Say it.",
        "Revised Response": "One, by an expert.",
    }
    job.source.write_text(json.dumps(given))

    (line,) = run(job)

    assert line["output"] == "One. Revised by Eva."
    assert line["raw"] == {"instruction": "Say.", "input": "", "output": "One."}
    assert (line["id"], line["category"], line["tags"]) == (5, "geology", ["a"])
    assert line["Revised Response"] == "One, by an expert."
    assert (line["row"], line["extra"]) == (1, {"row": "theirs"})


def test_the_command_tells_what_it_leaves_out_and_keeps(job, capsys):
    job.source.write_text(row("One.") + "no json\n" + row("Two.")[:-2] + ', "x": 1}')

    call_command("rewrite", job.source, job.out, "--leave-out-bad")

    said = capsys.readouterr()
    assert "1 rows cannot be read: left out." in said.err
    assert "kept with the rows: x" in said.err
    assert "1 left out" in said.err.splitlines()[-1]
    assert "is written" in said.out


@pytest.mark.parametrize("content", ["[]", "no json"])
def test_the_command_fails_where_nothing_can_be_written(job, capsys, content):
    job.source.write_text(content)

    with pytest.raises(CommandError):
        call_command("rewrite", job.source, job.out, "--leave-out-bad")

    assert "is written" not in capsys.readouterr().out


def test_an_output_is_never_written_over(job):
    job.out.write_text("precious")

    with pytest.raises(Invalid, match="is there already"):
        run(job)

    assert job.out.read_text() == "precious"


@pytest.mark.parametrize(
    ("text", "source", "problem"),
    [
        (PairText(instruction="I", response="R"), "experts", ""),
        (None, "raw", "trained_on"),
    ],
)
def test_what_the_coach_was_trained_on_is_not_asked_of_it(job, text, source, problem):
    own = fingerprint(PairText(instruction="Say.", response="One."))
    guarded = Job(
        source=job.source,
        out=job.out,
        coach=COACH,
        known=lambda prints: {key: text for key in prints if key == own},
    )

    first = run(guarded)[0]

    assert first["provenance"]["source"] == source
    assert first["provenance"]["problem"] == problem
    assert Counting.asked == 3


@pytest.mark.process
def test_the_command_survives_a_kill(tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(row(f"Number {n}.") for n in range(2000)))
    command = [sys.executable, "manage.py", "rewrite", str(source), str(out)]
    part = tmp_path / "out.jsonl.part"

    env = os.environ | {
        "REVISION_BACKEND": "revision_engine.backends.fake.FakeBackend",
        "COACHLM_COACHES": str(tmp_path / "coaches"),
    }
    first = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=env)
    while first.poll() is None and not (part.exists() and part.stat().st_size > 5000):
        pass
    first.send_signal(signal.SIGKILL)
    first.wait()
    subprocess.run(command, check=True, capture_output=True, env=env)

    numbers = [json.loads(line)["row"] for line in out.read_text().splitlines()]
    assert numbers == list(range(1, 2001))


class InChinese(FakeBackend):
    def _revise(self, turn):
        answer = "一加一等于二，这是最简单的算术题，每个孩子都会做。"
        text = f"Instruction: 1 + 1 = ?\nResponse: {answer}"
        return Completion(text=text, new_tokens=9)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "problem"), [("zh-Hans", ""), ("en", "wrong_script")]
)
def test_a_pair_without_letters_is_revised_in_its_projects_language(
    job, settings, language, problem
):
    settings.REVISION_BACKEND = f"{__name__}.InChinese"
    project = factories.make_project(language=language)
    factories.make_coach(project)
    pair = {"instruction": "1 + 1 = ?", "input": "", "output": "3"}
    job.source.write_text(json.dumps(pair) + "\n")

    call_command("rewrite", job.source, job.out, "--project", project.slug)

    [line] = map(json.loads, job.out.read_text().splitlines())
    assert line["provenance"]["problem"] == problem
