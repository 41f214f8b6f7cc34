import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Length

CHARS = Length("instruction") + Length("input") + Length("response")


class Migration(migrations.Migration):
    """Writes the table of pairs anew: a second for each 50,000 of them, about.

    The database cannot be told another expression of a column before PostgreSQL 17, so
    that the column goes and comes, with what stands on it.
    """

    dependencies = [("annotator", "0053_adapter_pushes")]

    operations = [
        migrations.RemoveConstraint(model_name="pair", name="a_number_once_a_stratum"),
        migrations.RemoveIndex(model_name="pair", name="pair_settled"),
        migrations.RemoveField(model_name="pair", name="length_band"),
        migrations.AddField(
            model_name="pair",
            name="length_band",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    CHARS,
                    template=(
                        "(ARRAY['short', 'medium', 'long', 'very_long'])"
                        "[1 + width_bucket(%(expressions)s, ARRAY[300, 1000, 3000])]"
                    ),
                ),
                output_field=models.CharField(max_length=9),
            ),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.UniqueConstraint(
                fields=("batch", "dealt_as", "length_band", "category"),
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
        migrations.AlterField(
            model_name="pair",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pairs",
                to="annotator.batch",
            ),
        ),
    ]
