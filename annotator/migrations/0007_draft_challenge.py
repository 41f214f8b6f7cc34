import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0006_schedule_and_gate"),
        ("training", "0002_selections_gate_challenges"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="challenge",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="drafts",
                to="training.challenge",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                fields=("pair", "challenge"), name="a_pair_counts_once_a_challenge"
            ),
        ),
    ]
