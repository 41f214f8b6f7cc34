from django.db import migrations, models

KINDS = [
    *("returned", "accepted", "day", "mention", "reply", "skip", "job", "failed"),
    *("run", "gate", "drift", "audit", "hook"),
]


class Migration(migrations.Migration):
    dependencies = [("annotator", "0043_language_of_jobs")]
    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[(kind, kind) for kind in KINDS], max_length=12
            ),
        )
    ]
