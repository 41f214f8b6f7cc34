from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotator", "0050_blind_ratings")]

    operations = [
        migrations.AddField(
            model_name="part",
            name="quantizes",
            field=models.BooleanField(null=True),
        ),
    ]
