import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# Whatever writes a row also marks its hour, in the same transaction: see
# annotator/models/tallies.py, StaleHour, and docs/adr/0009-tallies.md.
# name of the function: (what it finds out of new_rows, [(table, INSERT or UPDATE)])
MARKS = {
    "pairs": (
        "SELECT n.project_id, n.created_at AS at FROM new_rows n",
        [("annotator_pair", "INSERT")],
    ),
    "events": (
        "SELECT p.project_id, n.at FROM new_rows n "
        "JOIN annotator_pair p ON p.id = n.pair_id",
        [("annotator_auditevent", "INSERT")],
    ),
    "reviews": (
        "SELECT p.project_id, n.submitted_at AS at FROM new_rows n "
        "JOIN annotator_pair p ON p.id = n.pair_id",
        [("annotator_review", "INSERT"), ("annotator_review", "UPDATE")],
    ),
    "verdicts": (
        "SELECT p.project_id, r.submitted_at AS at FROM new_rows n "
        "JOIN annotator_review r ON r.id = n.review_id "
        "JOIN annotator_pair p ON p.id = r.pair_id",
        [("annotator_verdict", "INSERT"), ("annotator_verdict", "UPDATE")],
    ),
}
INSERT = (
    "INSERT INTO annotator_stalehour (project_id, hour) "
    "SELECT DISTINCT found.project_id, date_trunc('hour', found.at, 'UTC') "
    "FROM ({found}) found"
)


def marks() -> str:
    parts = []
    for name, (found, sources) in MARKS.items():
        parts.append(
            f"CREATE FUNCTION annotator_mark_{name}() RETURNS trigger "
            f"LANGUAGE plpgsql AS $$ BEGIN {INSERT.format(found=found)}; "
            f"RETURN NULL; END $$;"
        )
        for table, deed in sources:
            parts.append(
                f"CREATE TRIGGER mark_{name}_{deed.lower()} AFTER {deed} ON {table} "
                f"REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT "
                f"EXECUTE FUNCTION annotator_mark_{name}();"
            )
    return "\n".join(parts)


def no_marks() -> str:
    return " ".join(f"DROP FUNCTION annotator_mark_{name}() CASCADE;" for name in MARKS)


# Rows that were there before the triggers.
MARK_ALL = " ".join(
    f"{INSERT.format(found=found.replace('new_rows', sources[0][0]))};"
    for found, sources in MARKS.values()
)


class Migration(migrations.Migration):

    dependencies = [
        ('annotator', '0010b_fill_lease_time'),
        ('training', '0003_recountable_samples'),
    ]

    operations = [
        migrations.CreateModel(
            name='PairTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('category', models.CharField(blank=True, max_length=80)),
                ('imported', models.IntegerField()),
                ('excluded', models.IntegerField()),
                ('drafted', models.IntegerField()),
                ('undrafted', models.IntegerField()),
                ('reviewed', models.IntegerField()),
                ('returned', models.IntegerField()),
                ('accepted', models.IntegerField()),
                ('ready_made', models.IntegerField()),
                ('exported', models.IntegerField()),
                ('now_imported', models.IntegerField()),
                ('now_excluded', models.IntegerField()),
                ('now_queued', models.IntegerField()),
                ('now_drafting', models.IntegerField()),
                ('now_ready', models.IntegerField()),
                ('now_parked', models.IntegerField()),
                ('now_in_review', models.IntegerField()),
                ('now_disputed', models.IntegerField()),
                ('now_reviewed', models.IntegerField()),
                ('now_in_quality', models.IntegerField()),
                ('now_accepted', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='ReviewTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('whole', models.BooleanField()),
                ('grain', models.CharField(choices=[('day', 'Day'), ('month', 'Month')], max_length=5)),
                ('day', models.DateField()),
                ('category', models.CharField(blank=True, max_length=80)),
                ('reviews', models.IntegerField()),
                ('usable', models.IntegerField()),
                ('as_is', models.IntegerField()),
                ('edited', models.IntegerField()),
                ('rewritten', models.IntegerField()),
                ('kept_raw', models.IntegerField()),
                ('unchanged', models.IntegerField()),
                ('passed', models.IntegerField()),
                ('returned', models.IntegerField()),
                ('ms', models.BigIntegerField()),
                ('raw_final', models.BigIntegerField()),
                ('draft_final', models.BigIntegerField()),
                ('measured', models.IntegerField()),
                ('in_instruction', models.BigIntegerField()),
                ('in_input', models.BigIntegerField()),
                ('in_response', models.BigIntegerField()),
                ('touched_instruction', models.IntegerField()),
                ('touched_input', models.IntegerField()),
                ('touched_response', models.IntegerField()),
                ('returned_for', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('tag_reviews', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('tag_ms', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('tag_changed', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('seconds', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='StaleHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('marked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='TallyState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shape', models.CharField(max_length=64)),
                ('folded_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='review',
            name='distance_input',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='review',
            name='distance_instruction',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='review',
            name='distance_response',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='pair',
            index=models.Index(fields=['project', 'created_at'], name='pair_by_day'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(condition=models.Q(('distance_response', None), ('is_imported', False), ('withdrawn_at', None)), fields=['id'], name='review_unmeasured'),
        ),
        migrations.AddField(
            model_name='pairtally',
            name='batch',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='annotator.batch'),
        ),
        migrations.AddField(
            model_name='pairtally',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotator.project'),
        ),
        migrations.AddField(
            model_name='reviewtally',
            name='author',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewtally',
            name='batch',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='annotator.batch'),
        ),
        migrations.AddField(
            model_name='reviewtally',
            name='coach',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.coachversion'),
        ),
        migrations.AddField(
            model_name='reviewtally',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotator.project'),
        ),
        migrations.AddField(
            model_name='stalehour',
            name='project',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotator.project'),
        ),
        migrations.AddField(
            model_name='tallystate',
            name='project',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='tally_state', to='annotator.project'),
        ),
        migrations.AddConstraint(
            model_name='pairtally',
            constraint=models.UniqueConstraint(fields=('project', 'day', 'batch', 'category'), name='pair_tally_once_a_day'),
        ),
        migrations.AddIndex(
            model_name='reviewtally',
            index=models.Index(fields=['project', 'whole', 'grain', 'day'], include=('author', 'batch', 'category', 'coach', 'reviews', 'usable', 'as_is', 'edited', 'rewritten', 'kept_raw', 'passed', 'returned', 'ms'), name='review_tally_days'),
        ),
        migrations.AddIndex(
            model_name='stalehour',
            index=models.Index(fields=['project', 'hour'], name='stale_hour'),
        ),
        migrations.RunSQL(marks(), no_marks()),
        migrations.RunSQL(MARK_ALL, migrations.RunSQL.noop),
    ]
