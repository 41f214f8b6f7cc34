from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotator", "0034_tell_of_mentions")]

    operations = [
        migrations.RemoveIndex(
            model_name='mention',
            name='mention_unseen',
        ),
        migrations.RemoveField(
            model_name='mention',
            name='seen_at',
        ),
    ]
