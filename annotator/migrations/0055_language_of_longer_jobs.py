from django.db import migrations, models

import annotator.models.spoken


def _language(model: str) -> migrations.AddField:
    return migrations.AddField(
        model_name=model,
        name="language",
        field=models.CharField(
            db_default="en", default=annotator.models.spoken.spoken, max_length=12
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("annotator", "0054_bands_in_one_count")]
    operations = [
        _language("adapterpush"),
        _language("backbonecomparison"),
        _language("datasetreport"),
        _language("modelstudy"),
    ]
