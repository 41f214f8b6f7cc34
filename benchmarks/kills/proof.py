"""Whether all that was acknowledged is in the database, once."""

from __future__ import annotations

import psycopg

from benchmarks.kills.people import Ledger

REVIEWS = "SELECT response FROM annotator_review WHERE withdrawn_at IS NULL"
VERDICTS = "SELECT note FROM annotator_verdict"
AUTOSAVES = """
    SELECT username, pair_id::text, response FROM annotator_autosave
    JOIN annotator_user ON annotator_user.id = author_id
"""


def faults(database: str, ledger: Ledger) -> list[str]:
    """Each deed that is lost or doubled, in a line."""
    with psycopg.connect(database) as connection:
        reviews = [row[0] for row in connection.execute(REVIEWS)]
        verdicts = [row[0] for row in connection.execute(VERDICTS)]
        saved = connection.execute(AUTOSAVES).fetchall()
    return [
        *_counted("submit", ledger.submits, reviews),
        *_counted("verdict", ledger.verdicts, verdicts),
        *_kept(ledger, saved),
    ]


def _counted(kind: str, acknowledged: list[str], stored: list[str]) -> list[str]:
    times = dict.fromkeys(acknowledged, 0)
    for text in stored:
        if text in times:
            times[text] += 1
    return [f"{kind} {text!r}: {n} times" for text, n in times.items() if n != 1]


def _kept(ledger: Ledger, saved: list[tuple[str, str, str]]) -> list[str]:
    """The newest acknowledged autosave stands, or one that was sent after it."""
    found: dict[tuple[str, str], list[str]] = {}
    for person, pair, text in saved:
        found.setdefault((person, pair), []).append(text)
    return [
        f"autosave {texts[-1]!r} of pair {place[1]}: {found.get(place, [])}"
        for place, texts in ledger.autosaves.items()
        if found.get(place, []) not in _right(texts[-1], ledger.unsure.get(place, []))
    ]


def _right(last: str, unsure: list[str]) -> list[list[str]]:
    return [[text] for text in (last, *unsure)]
