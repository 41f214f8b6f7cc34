"""Let every line of what is stored end in `\\n`, as all that comes in now does.

Pairs, drafts, reviews, autosaves, kept texts, candidates, dataset rows and checks are
rewritten, and what was derived from them is derived anew: fingerprints, distances,
decisions about changes. A review's hour is counted anew by its trigger.

Left as they are: frozen snapshots and evaluations, which are digested and say what a
coach has really seen (only the key by which the leak guard finds a pair is renewed), and
the outputs of coaches. Two pairs of a project that differed in nothing but line ends stay
two: the later one keeps its old fingerprint. A pair that becomes so much shorter that it
falls into another length band gives up its number in its stratum; its arm stays.
"""

import hashlib
import json

from django.db import migrations
from django.db.models import F, Q
from rapidfuzz.distance import Levenshtein

FIELDS = ("instruction", "input", "response")
REVISED = tuple(f"revised_{name}" for name in FIELDS)
BANDS = (300, 1000, 3000)
CHUNK = 500
# model -> fields of it that nothing is derived from
PLAIN = {
    "Autosave": FIELDS,
    "KeptText": FIELDS,
    "Candidate": ("text_so_far",),
    "HunkDecision": ("before", "after", "final"),
    "Project": ("description", "wording"),
}


def forwards(apps, schema_editor):
    models = {model.__name__: model for model in apps.get_app_config("annotator").get_models()}
    pairs = _pks(models["Pair"], FIELDS)
    drafts = _pks(models["Draft"], FIELDS)
    reviews = _pks(models["Review"], FIELDS)
    _mend_checks(models["Check"])
    for name, fields in {**PLAIN, "Draft": FIELDS, "Review": FIELDS}.items():
        _rewrite(models[name], fields)
    _mend_pairs(models["Pair"])
    _mend_rows(models["RewriteRow"])
    _measure_drafts(models["Draft"], Q(pk__in=drafts) | Q(pair__in=pairs))
    of = Q(pk__in=reviews) | Q(pair__in=pairs) | Q(draft__in=drafts)
    _measure_reviews(models["Review"], of)
    _decide_anew(models["HunkDecision"], models["Review"].objects.filter(of))
    _mend_keys(apps.get_model("training", "SnapshotItem"))


def newlines(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _has_returns(fields):
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__contains": "\r"})
    return found


def _pks(model, fields):
    return list(model.objects.filter(_has_returns(fields)).values_list("pk", flat=True))


def _rows(model, fields):
    found = model.objects.filter(_has_returns(fields)).order_by("pk")
    return found.iterator(CHUNK)


def _each(rows, change, model, fields):
    """Change rows one after the other and store them, a chunk at a time."""
    chunk = []
    for row in rows:
        change(row)
        chunk.append(row)
        if len(chunk) == CHUNK:
            model.objects.bulk_update(chunk, fields)
            chunk = []
    model.objects.bulk_update(chunk, fields)


def _rewritten(row, fields):
    for field in fields:
        setattr(row, field, newlines(getattr(row, field)))


def _rewrite(model, fields):
    _each(
        _rows(model, fields), lambda row: _rewritten(row, fields), model, list(fields)
    )


def fingerprint(texts):
    parts = json.dumps([text.strip() for text in texts], ensure_ascii=False)
    return hashlib.sha256(parts.encode()).hexdigest()


def _mend_pairs(Pair):
    def change(pair):
        before = _band(pair)
        _rewritten(pair, FIELDS)
        if _band(pair) != before:
            pair.dealt_as = None
        if pair.project.checks_of_id:
            return  # named after its source and person, not after its text
        own = fingerprint(getattr(pair, name) for name in FIELDS)
        others = Pair.objects.filter(project=pair.project_id).exclude(pk=pair.pk)
        if (pair.project_id, own) not in seen and not others.filter(
            fingerprint=own
        ).exists():
            pair.fingerprint = own
        seen.add((pair.project_id, own))

    seen = set()
    fields = [*FIELDS, "fingerprint", "dealt_as"]
    rows = Pair.objects.filter(_has_returns(FIELDS)).select_related("project")
    _each(rows.order_by("pk").iterator(CHUNK), change, Pair, fields)


def _band(pair):
    chars = sum(len(getattr(pair, name)) for name in FIELDS)
    return sum(chars >= least for least in BANDS)


def _mend_rows(RewriteRow):
    def change(row):
        _rewritten(row, (*FIELDS, *REVISED))
        row.fingerprint = fingerprint(getattr(row, name) for name in FIELDS)

    fields = [*FIELDS, *REVISED, "fingerprint"]
    _each(_rows(RewriteRow, (*FIELDS, *REVISED)), change, RewriteRow, fields)


def _mend_checks(Check):
    """Before the pairs and drafts: where a mistake begins is counted in its text."""

    def change(check):
        text = check.pair.draft.response if check.pair.draft else check.pair.response
        check.start = len(newlines(text[: check.start]))
        _rewritten(check, ("before", "after"))

    planted = Check.objects.filter(kind="planted").filter(
        Q(pair__draft__response__contains="\r") | Q(before__contains="\r")
    )
    rows = planted.select_related("pair__draft").order_by("pk").iterator(CHUNK)
    _each(rows, change, Check, ["start", "before", "after"])


def _distance(one, other, names=FIELDS):
    return sum(
        Levenshtein.distance(getattr(one, name), getattr(other, name)) for name in names
    )


def _measure_drafts(Draft, of):
    def change(draft):
        draft.edit_chars = _distance(draft.pair, draft)

    rows = Draft.objects.filter(of, edit_chars__isnull=False).select_related("pair")
    _each(rows.order_by("pk").iterator(CHUNK), change, Draft, ["edit_chars"])


def _measure_reviews(Review, of):
    def change(review):
        review.distance_raw_final = _distance(review.pair, review)
        if review.draft:
            review.distance_draft_final = _distance(review.draft, review)
            review.distance_raw_draft = _distance(review.pair, review.draft)
        for name in FIELDS:  # measured again with the next tally
            setattr(review, f"distance_{name}", None)

    fields = ["distance_raw_final", "distance_draft_final", "distance_raw_draft"]
    fields += [f"distance_{name}" for name in FIELDS]
    rows = Review.objects.filter(of).select_related("pair", "draft").order_by("pk")
    _each(rows.iterator(CHUNK), change, Review, fields)


def _decide_anew(HunkDecision, reviews):
    """What was a change in nothing but line ends is none."""
    found = HunkDecision.objects.filter(review__in=reviews)
    found.filter(before=F("after"), final=F("after")).delete()
    found.filter(before=F("after")).update(outcome="own")
    changes = found.exclude(before=F("after"))
    changes.filter(final=F("after")).update(outcome="accepted")
    changes.filter(final=F("before")).update(outcome="rejected")
    others = changes.exclude(final=F("after")).exclude(final=F("before"))
    others.update(outcome="edited")


def _mend_keys(SnapshotItem):
    raw = [f"raw_{name}" for name in FIELDS]
    for item in _rows(SnapshotItem, raw):
        own = fingerprint(newlines(getattr(item, name)) for name in raw)
        same = SnapshotItem.objects.filter(snapshot=item.snapshot_id, fingerprint=own)
        if not same.exists():
            SnapshotItem.objects.filter(pk=item.pk).update(fingerprint=own)


class Migration(migrations.Migration):
    dependencies = [("annotator", "0014_alpha_help"), ("training", "0004_parent")]

    # Which line ends a text once had is not kept: nothing to go back to, or need to.
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
