"""Measure how alike two texts are over what either of them changed, and no more."""

from django.db import migrations

from annotator.domain import effort
from revision_engine.types import PairText

BATCH = 500


def text(row):
    return PairText(
        instruction=row.instruction, input=row.input, response=row.response
    )


def over_changes(overlap):
    texts = (text(overlap.pair), text(overlap.first), text(overlap.second))
    return effort.revision_similarity(*texts)


def over_all(overlap):
    return effort.word_similarity(text(overlap.first), text(overlap.second))


def measured(measure):
    def run(apps, schema_editor):
        overlaps = apps.get_model("annotator", "Overlap").objects.order_by("pk")
        found = overlaps.select_related("pair", "first", "second")
        for overlap in found.iterator(chunk_size=BATCH):
            overlap.similarity = measure(overlap)
            overlap.save(update_fields=["similarity"])

    return run


class Migration(migrations.Migration):
    dependencies = [("annotator", "0017_replacements")]

    operations = [migrations.RunPython(measured(over_changes), measured(over_all))]
