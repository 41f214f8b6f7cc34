"""Failures are a kind of their own: they reach people as jobs did until now."""

from django.db import migrations

COPY = """
UPDATE annotator_user SET notices = jsonb_set(notices, '{failed}', notices -> 'job')
WHERE notices ? 'job' AND NOT notices ? 'failed'
"""
BACK = "UPDATE annotator_user SET notices = notices - 'failed' WHERE notices ? 'failed'"


class Migration(migrations.Migration):
    dependencies = [("annotator", "0044_failures_are_a_kind")]

    operations = [migrations.RunSQL(COPY, BACK)]
