"""What the house says to a person can be said in their language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from annotator.domain import model_studies
from annotator.formats.cells import BadRow, storable
from revision_engine import saying
from training.config import LoraConfig

BASE = Path(settings.BASE_DIR)
FLOORS = (
    *("annotator/domain", "annotator/formats", "annotator/selectors"),
    *("annotator/services", "annotator/web", "training"),
)
TOLD = {
    *("Invalid", "IllegalMove", "NotAllowed", "LeaseLost", "OtherTab", "Stale"),
    *("TooLate", "InvitationOver", "NoCoach", "NotPromoted", "ChallengeRefused"),
    *("NotEnough", "RunWaits", "NotResumable", "NotPromotable", "NotChallengeable"),
    *("NotOpen", "NothingToTrainOn", "UnreadableFile", "UnknownShape", "BadRow"),
    *("OtherFormat", "BadMapping", "RuleFailed", "UnusableSetting"),
    *("AdapterRefused", "BadTestSet", "NothingToMeasureOn", "NotPackable"),
    *("ValidationError", "FileRemark", "RowProblem", "RowRemark", "Exclusion"),
}
"""What is made to be read by a person, whoever raises or returns it."""
SETTINGS = {
    *("annotator/domain/dataset_reports.py", "annotator/domain/model_studies.py"),
    *("annotator/domain/coach_studies.py", "annotator/domain/orders.py"),
    "training/evaluation/coach_studies/kinds.py",
    *("annotator/domain/periods.py", "annotator/domain/weeks.py"),
    *("annotator/formats/exports/orders.py", "annotator/selectors/accepted.py"),
    *("annotator/selectors/reports/weekly.py", "annotator/services/snapshotting.py"),
    *("training/config.py", "training/json_settings.py", "training/selection.py"),
}
"""What a person asked for is read here, and what is wrong with it raised as a
ValueError, which a service hands on."""
IN_A_TERMINAL = {
    "annotator/services/comparing_datasets.py",
    "annotator/services/judging.py",
    "annotator/services/reading_files.py",
    "annotator/services/revising_files.py",
}
"""Only commands say these, and a terminal speaks English."""
WORDS = 2
"""A literal with fewer is a name or a sign, not a sentence."""


def sentences(path: Path, told: Set[str] = TOLD) -> Iterator[tuple[int, str]]:
    """Lines of a file that hand a person a sentence which gettext never sees."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _name(node.func) in told:
            given = [*node.args, *(each.value for each in node.keywords)]
            for each in filter(_is_plain, given):
                yield each.lineno, ast.unparse(each)


def _told(path: Path) -> Set[str]:
    is_read = str(path.relative_to(BASE)) in SETTINGS
    return TOLD | {"ValueError", "KeyError"} if is_read else TOLD


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _is_plain(given: ast.expr) -> bool:
    """Whether it is words in quotation marks; a sentence that was made before is not,
    and nor is one that only stands a sign beside it."""
    texts = given.values if isinstance(given, ast.JoinedStr) else [given]
    words = [
        word
        for text in texts
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
        for word in text.value.split()
        if any(sign.isalpha() for sign in word)
    ]
    return len(words) >= WORDS


def test_each_refusal_can_be_said_in_another_language():
    found = [
        f"{path.relative_to(BASE)}:{line}: {sentence}"
        for floor in FLOORS
        for path in sorted((BASE / floor).rglob("*.py"))
        if str(path.relative_to(BASE)) not in IN_A_TERMINAL
        for line, sentence in sentences(path, _told(path))
    ]

    assert found == [], "say it with gettext and named placeholders"


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ('raise Invalid(f"The pair {pk} is gone.")', 1),
        ('raise errors.Invalid("The pair is gone.")', 1),
        ('return FileRemark(message="Row 2 is odd.")', 1),
        ('raise Invalid(gettext("The pair %(pk)s is gone.") % {"pk": pk})', 0),
        ('raise Invalid(f"{fault}.")', 0),
        ("raise Invalid(str(fault))", 0),
        ('raise KeyError("no such key")', 0),
    ],
)
def test_a_sentence_in_quotation_marks_is_found(tmp_path, written, count):
    (tmp_path / "some.py").write_text(written)

    assert len(list(sentences(tmp_path / "some.py"))) == count


def test_the_pure_floors_speak_the_readers_language():
    with translation.override("zh-hans"), pytest.raises(BadRow) as told:
        storable("output", "x\0", 100)

    assert str(told.value) == "'output' 含有 NUL 字符"


def test_without_a_voice_they_speak_english(monkeypatch):
    monkeypatch.setattr(saying, "_voice", str)

    with translation.override("zh-hans"), pytest.raises(BadRow) as told:
        storable("output", "x\0", 100)

    assert str(told.value) == "'output' contains a NUL character"


def test_every_file_that_reads_settings_is_there():
    assert [path for path in sorted(SETTINGS) if not (BASE / path).exists()] == []


@pytest.mark.parametrize(
    ("read", "given", "said"),
    [
        (LoraConfig.from_dict, {"rank": 0}, "rank 须不小于 1，而给出的是 0"),
        (LoraConfig.from_dict, {"rnak": 1}, "未知的训练设置：rnak"),
        (
            model_studies.StudyOrder.from_dict,
            {"seen": 0},
            "seen 须在 1 至 100000 之间，而给出的是 0",
        ),
    ],
)
def test_settings_are_refused_in_the_readers_language(read, given, said):
    with (
        translation.override("zh-hans"),
        pytest.raises(ValueError, match=re.escape(said)),
    ):
        read(given)
