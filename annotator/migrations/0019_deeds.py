
from django.conf import settings
from django.db import migrations, models


# A deed that is taken back changes its event and deletes its verdict: mark their hours.
EVENTS = (
    "CREATE TRIGGER mark_events_update AFTER UPDATE ON annotator_auditevent "
    "REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT "
    "EXECUTE FUNCTION annotator_mark_events();"
)
VERDICTS = (
    "CREATE TRIGGER mark_verdicts_delete AFTER DELETE ON annotator_verdict "
    "REFERENCING OLD TABLE AS new_rows FOR EACH STATEMENT "
    "EXECUTE FUNCTION annotator_mark_verdicts();"
)
NO_EVENTS = "DROP TRIGGER mark_events_update ON annotator_auditevent;"
NO_VERDICTS = "DROP TRIGGER mark_verdicts_delete ON annotator_verdict;"


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0017b_overlap_similarity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(model_name="review", name="client_token"),
        migrations.AddField(
            model_name="auditevent", name="deed", field=models.UUIDField(null=True)
        ),
        migrations.AddField(
            model_name="auditevent",
            name="undone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="auditevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deed__isnull", False)),
                fields=("deed", "pair"),
                name="a_deed_once_a_pair",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("deed__isnull", False), ("undone_at__isnull", True)),
                fields=["actor", "-at"],
                name="event_of_a_deed",
            ),
        ),
        migrations.AddField(
            model_name="bulkacceptance",
            name="undone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(EVENTS, NO_EVENTS),
        migrations.RunSQL(VERDICTS, NO_VERDICTS),
    ]
