"""The pairs of an export: found once, in their order, and read a chunk at a time.

No model is made of a row: texts go from the cursor into the file. What is an accepted
pair's text, and where it came from, is said here and nowhere else.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    Case,
    F,
    Func,
    Min,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, Left
from django.utils.translation import gettext

from annotator.domain.errors import Invalid
from annotator.domain.states import PairState
from annotator.formats.exports.orders import (
    NO_CATEGORY,
    NO_COACH,
    Looked,
    StateWanted,
    Wanted,
)
from annotator.formats.exports.sources import Needs, PairSource
from annotator.models import Batch, Pair, Project, Review, User, Verdict
from annotator.selectors.accepted import WAS_CORRECTED
from revision_engine.types import PairText

CHUNK = 2_000
"""Few enough that the database looks each row up by its key."""
Ids = Sequence[int]
_NOTHING = Value(None, output_field=TextField())
IMPORT_ORDER = ("pair__batch_id", "pair__row", "pk")
PAIR = ("instruction", "input", "response")
_FIX = "verdict__fix__"
_MENDED = Case(
    When(Q(verdict__fix__isnull=False) | Q(WAS_CORRECTED), then=True), default=False
)


def _moment(field: str) -> Func:
    """ISO 8601 in UTC; the database writes it in a tenth of Python's time."""
    in_utc = Func(F(field), template="(%(expressions)s AT TIME ZONE 'UTC')")
    return Func(
        in_utc,
        Value('YYYY-MM-DD"T"HH24:MI:SS.US+00:00'),
        function="to_char",
        output_field=TextField(),
    )


ORIGIN: dict[str, Any] = {
    "pair": F("pair_id"),
    "batch": F("pair__batch__name"),
    "row": F("pair__row"),
    "fingerprint": F("pair__fingerprint"),
    "arm": F("arm"),
    "decision": F("decision"),
    "imported_revision": F("is_imported"),
    "distance_raw_final": Coalesce(f"{_FIX}distance_raw", "distance_raw_final"),
    "distance_draft_final": F("distance_draft_final"),
    "coach": F("draft__coach__name"),
    "adapter_sha256": F("draft__adapter_sha256"),
    "prompt": F("draft__prompt"),
    "reviewed_by": F("author__username"),
    "opened_at": _moment("opened_at"),
    "submitted_at": _moment("submitted_at"),
    "quality": F("verdict__kind"),
    "judged_by": F("verdict__judge__username"),
    "judged_by_author": Case(
        When(verdict__judge=F("author"), then=Value(True)),  # noqa: FBT003
        default=Value(False),  # noqa: FBT003
    ),
    "distance_review_fix": Coalesce(f"{_FIX}distance", 0),
    "accepted_at": _moment("verdict__created_at"),
    "active_seconds": F("active_seconds"),
}
"""What `provenance` says of a row."""
_MOMENTS = ("opened_at", "submitted_at", "accepted_at")
_WIDTH = PairSource._fields.index("origin")
_OF_JSON = ("context", "shape", "extra")
_TEXTS_OF_JSON = slice(
    PairSource._fields.index("context"), PairSource._fields.index("extra") + 1
)
_NO_ORIGIN = (0, 0, 0, "", "", None)
_NO_TEXTS = ("", "", "", *[None] * (_WIDTH - _TEXTS_OF_JSON.stop - len(PAIR)))
"""What stands before and behind the columns that `beside` looks at."""


def _columns(needs: Needs) -> list[Any]:
    """Those of PairSource without its origin, in its order."""
    raw, draft, training = needs

    def only(wanted: bool, value: Any) -> Any:  # noqa: FBT001
        return value if wanted else _NOTHING

    usable = Case(When(draft__problem="", then=F("draft__response")))
    return [
        F("pk"),
        F("pair_id"),
        F("pair__batch_id"),
        F("verdict__kind"),
        F("decision"),
        F("draft__coach_id"),
        F("pair__external_id"),
        F("pair__category"),
        Cast("pair__context", TextField()),
        Cast("pair__shape", TextField()),
        Cast("pair__extra", TextField()),
        *(Coalesce(f"{_FIX}{name}", name) for name in PAIR),
        *(only(raw, F(f"pair__{name}")) for name in PAIR),
        only(raw, ORIGIN["distance_raw_final"]),
        only(draft, usable),
        only(training, F("pair__fingerprint")),
        only(training, _MENDED),
        only(training, F("verdict__created_at")),
    ]


def accepted(project: Project, wanted: Wanted) -> QuerySet[Review]:
    """The reviews whose texts an export holds; Invalid names what is not there."""
    check(project, wanted)
    found = Review.objects.filter(
        pair__project=project, pair__state=PairState.ACCEPTED, verdict__accepted=True
    )
    since, until = _edges(wanted, "verdict__created_at")
    found = found.filter(since, until, _of_pair(wanted, "pair__"))
    if wanted.person:
        found = found.filter(author__username=wanted.person)
    if wanted.coach == NO_COACH:
        found = found.filter(draft=None)
    elif wanted.coach is not None:
        found = found.filter(draft__coach=wanted.coach)
    if wanted.looked:
        judged = Q(verdict__kind=Verdict.Kind.JUDGED)
        found = found.filter(judged if wanted.looked == Looked.JUDGED else ~judged)
    return found


def pairs(project: Project, wanted: Wanted) -> QuerySet[Pair]:
    """The pairs whose history an audit holds, accepted or not."""
    if wanted.state == StateWanted.ACCEPTED:
        reviews = accepted(project, wanted)
        return Pair.objects.filter(pk__in=reviews.values("pair_id"))
    check(project, wanted)
    found = Pair.objects.filter(_of_pair(wanted), project=project)
    since, until = _edges(wanted, "state_since")
    found = found.filter(since, until)
    if wanted.person:
        of_person = Review.objects.filter(author__username=wanted.person)
        found = found.filter(pk__in=of_person.values("pair_id"))
    if wanted.coach == NO_COACH:
        found = found.filter(draft=None)
    elif wanted.coach is not None:
        found = found.filter(draft__coach=wanted.coach)
    if wanted.looked:
        looked = Verdict.objects.filter(kind=Verdict.Kind.JUDGED)
        judged = Q(pk__in=looked.values("review__pair_id"))
        found = found.filter(judged if wanted.looked == Looked.JUDGED else ~judged)
    return found.filter(_IN[wanted.state])


_ENDED = (PairState.ACCEPTED, PairState.EXCLUDED)
_IN = {
    StateWanted.ALL: Q(),
    StateWanted.EXCLUDED: Q(state=PairState.EXCLUDED),
    StateWanted.UNREVIEWED: ~Q(state__in=_ENDED),
}


def check(project: Project, wanted: Wanted) -> None:
    """Invalid names a batch or a person that there is not."""
    batch = -1 if wanted.batch is None else wanted.batch
    batches = Batch.objects.filter(project=project, pk=batch)
    if wanted.batch is not None and not batches.exists():
        raise Invalid(
            gettext("batch: the project has no batch %(batch)s.") % {"batch": batch}
        )
    people = User.objects.filter(username=wanted.person)
    if wanted.person and not people.exists():
        raise Invalid(
            gettext("person: there is nobody called %(name)s.")
            % {"name": wanted.person}
        )


def _of_pair(wanted: Wanted, to: str = "") -> Q:
    found = Q()
    if wanted.batch is not None:
        found &= Q(**{f"{to}batch": wanted.batch})
    if wanted.category:
        name = "" if wanted.category == NO_CATEGORY else wanted.category
        found &= Q(**{f"{to}category": name})
    return found


def _edges(wanted: Wanted, field: str) -> tuple[Q, Q]:
    since, until = Q(), Q()
    if wanted.since:
        since = Q(**{f"{field}__gte": _midnight(wanted.since)})
    if wanted.until:
        after = _midnight(wanted.until + timedelta(days=1))
        until = Q(**{f"{field}__lt": after})
    return since, until


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def raw_texts(project: Project) -> Iterator[tuple[str, PairText]]:
    """Fingerprint and raw text of each accepted pair."""
    rows = accepted(project, Wanted()).values_list(
        "pair__fingerprint", *[f"pair__{name}" for name in PAIR]
    )
    for fingerprint, *texts in rows.iterator(chunk_size=CHUNK):
        instruction, input_, response = texts
        yield (
            fingerprint,
            PairText(instruction=instruction, input=input_, response=response),
        )


def review_ids(found: QuerySet[Review]) -> Ids:
    """Keys in the order of the import: by batch, then by row; eight bytes each."""
    ordered = found.order_by(*IMPORT_ORDER)
    return array("q", ordered.values_list("pk", flat=True).iterator(chunk_size=20_000))


def pair_ids(found: QuerySet[Pair]) -> Ids:
    """The same for whole histories."""
    ordered = found.order_by("batch_id", "row", "pk")
    return array("q", ordered.values_list("pk", flat=True).iterator(chunk_size=20_000))


def chunks(ids: Ids) -> Iterator[Ids]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def sources(
    found: QuerySet[Review], ids: Ids, *, needs: Needs, with_origin: bool
) -> list[PairSource]:
    """The pairs of some reviews, in their order; those that have left `found` since
    their keys were read are not among them."""
    names = list(ORIGIN) if with_origin else []
    columns = [*_columns(needs), *(ORIGIN[name] for name in names)]
    ordered = found.filter(_among(ids)).order_by(*IMPORT_ORDER)
    rows: Iterable[tuple[Any, ...]] = ordered.values_list(*columns)
    with looked_up():
        return [_source(row, names) for row in rows]


_BY_KEY = "; ".join(
    f"SET LOCAL {name}"
    for name in (
        *("enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off"),
        *("jit = off", "max_parallel_workers_per_gather = 0"),
    )
)


@contextmanager
def looked_up() -> Iterator[None]:
    """A transaction in which rows are found by their keys alone.

    Of some thousand keys in fifty thousand rows PostgreSQL would rather read all the
    rows, again for each chunk.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BY_KEY)
        yield


def _among(ids: Ids) -> Func:
    """One parameter, however many keys: thousands would be parsed anew each time."""
    return Func(
        F("pk"),
        RawSQL("%s::bigint[]", [list(ids)]),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _source(row: Sequence[Any], names: Sequence[str]) -> PairSource:
    context, shape, extra = row[_TEXTS_OF_JSON]
    return PairSource._make(
        (
            *row[: _TEXTS_OF_JSON.start],
            json.loads(context) if context != "[]" else (),
            json.loads(shape) if shape != "{}" else {},
            json.loads(extra) if extra != "{}" else {},
            *row[_TEXTS_OF_JSON.stop : _WIDTH],
            _origin(names, row[_WIDTH:]) if names else None,
            False,
        )
    )


def pairs_of(reviews: Ids) -> list[int]:
    """Keys of the pairs that the reviews are of."""
    found = Review.objects.filter(_among(reviews))
    return list(found.values_list("pair_id", flat=True))


def _origin(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    found = dict(zip(names, values, strict=True))
    for name in _MOMENTS:
        moment = found[name]
        if moment and ".000000" in moment:
            found[name] = moment.replace(".000000", "")
    found["active_seconds"] = round(found["active_seconds"], 1)
    return found


def beside(found: QuerySet[Review], ids: Ids) -> list[PairSource]:
    """What stands beside the texts of the same pairs, each once, in the order that it
    was first met; of an id only whether the file had one.

    Most pairs of a file have the same beside them: some rows in place of thousands."""
    rows: Iterable[tuple[Any, ...]]
    rows = (
        found.filter(_among(ids))
        .values_list(
            Left("pair__external_id", 1),
            "pair__category",
            *(Cast(f"pair__{name}", TextField()) for name in _OF_JSON),
        )
        .annotate(first=Min("pk"))
        .order_by("first")
    )
    with looked_up():
        return [_source((*_NO_ORIGIN, *row[:5], *_NO_TEXTS), ()) for row in rows]
