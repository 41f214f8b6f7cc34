"""A project's pattern for its logs: set, tried on some lines, used by imports."""

from __future__ import annotations

from io import BytesIO
from pathlib import PurePath

from django.db import transaction

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.rows import PairRow, RowProblem
from annotator.formats.rules import parsing
from annotator.formats.rules.outcomes import UnusableSetting
from annotator.formats.rules.parsing import LogPattern
from annotator.models import LogFormat, Project, User

ENDINGS = (".log", ".txt")
TRIED = 20
"""Lines that a trial reads at most."""


@transaction.atomic
def set_pattern(
    *, project: Project, actor: User, pattern: str, unescape: bool = False
) -> None:
    """Keep how a project's logs are read; an empty pattern: they are not.

    Raises NotAllowed, and Invalid where the pattern cannot be used.
    """
    policies.require(actor, project, Deed.IMPORT)
    if not pattern.strip():
        LogFormat.objects.filter(project=project).delete()
        return
    _made(pattern, unescape=unescape)
    LogFormat.objects.update_or_create(
        project=project, defaults={"pattern": pattern, "unescape": unescape}
    )


def try_out(
    pattern: str, lines: str, *, unescape: bool = False
) -> list[PairRow | RowProblem]:
    """What a pattern makes of the first lines; Invalid where it cannot be used."""
    made = _made(pattern, unescape=unescape)
    some = "\n".join(lines.splitlines()[:TRIED])
    return list(parsing.read(BytesIO(some.encode("utf-8", "replace")), made))


def _made(pattern: str, *, unescape: bool) -> LogPattern:
    try:
        return LogPattern(pattern, unescape)
    except UnusableSetting as fault:
        raise Invalid(str(fault)) from fault


def pattern_of(project: Project, name: str) -> LogPattern | None:
    """The pattern by which a file is read; None: it is no log.

    A log is told by its name (.log or .txt), since any text may be one, and by a
    pattern that is set.
    """
    if PurePath(name).suffix.lower() not in ENDINGS:
        return None
    found = LogFormat.objects.filter(project=project).first()
    return LogPattern(found.pattern, found.unescape) if found else None
