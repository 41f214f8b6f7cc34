import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual

CHARS = Length("instruction") + Length("input") + Length("response")
BANDS = (("very_long", 3000), ("long", 1000), ("medium", 300), ("short", 0))


class Migration(migrations.Migration):
    dependencies = [("annotator", "0009_overlap_and_checks")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="control_share",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="lease",
            name="active_seconds",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="pair",
            name="dealt_as",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="pair",
            name="length_band",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    *(
                        models.When(
                            GreaterThanOrEqual(CHARS, least), then=models.Value(band)
                        )
                        for band, least in BANDS
                    )
                ),
                output_field=models.CharField(max_length=9),
            ),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dealt_as__isnull", False)),
                fields=("batch", "length_band", "category", "dealt_as"),
                name="a_number_once_a_stratum",
            ),
        ),
        migrations.AddIndex(
            model_name="pair",
            index=models.Index(
                fields=["project"],
                name="pair_settled",
                include=["id", "length_band", "category", "arm", "draft_coach"],
                condition=models.Q(("state__in", ["accepted", "excluded"])),
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                fields=["lease"],
                name="review_of_a_lease",
                include=["id"],
                condition=models.Q(("withdrawn_at__isnull", True)),
            ),
        ),
        migrations.CreateModel(
            name="Stratum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("length_band", models.CharField(max_length=9)),
                ("category", models.CharField(blank=True, max_length=80)),
                ("dealt", models.PositiveIntegerField(default=0)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="strata",
                        to="annotator.batch",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("batch", "length_band", "category"),
                        name="a_stratum_once_a_batch",
                    )
                ],
            },
        ),
    ]
