from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0003_recountable_samples")]
    operations = [
        migrations.AddField(
            model_name="trainingrun",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="successors",
                to="training.coachversion",
            ),
        ),
    ]
