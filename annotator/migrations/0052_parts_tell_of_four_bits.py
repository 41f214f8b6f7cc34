from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotator", "0049_model_studies")]

    operations = [
        migrations.AddField(
            model_name="part",
            name="quantizes",
            field=models.BooleanField(null=True),
        ),
    ]
