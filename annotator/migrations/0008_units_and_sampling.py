import annotator.domain.states
import annotator.models.texts
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


FORWARDS = (
    # A return that has one reason has one tag.
    """
    INSERT INTO annotator_verdicttag (verdict_id, reason)
    SELECT id, reason FROM annotator_verdict WHERE reason <> ''
    ON CONFLICT DO NOTHING
    """,
    """
    UPDATE annotator_verdict verdict SET kind = 'imported'
    FROM annotator_review review
    WHERE review.id = verdict.review_id AND review.is_imported
      AND verdict.judge_id IS NULL AND verdict.accepted
    """,
    """
    UPDATE annotator_pair pair SET reviewed_by_id = (
        SELECT author_id FROM annotator_review review
        WHERE review.pair_id = pair.id AND review.withdrawn_at IS NULL
        ORDER BY submitted_at DESC, id DESC LIMIT 1
    ) WHERE state IN ('reviewed', 'in_quality')
    """,
)
BACKWARDS = (
    # What a reviewer typed stays, as a kept text of the pair.
    """
    INSERT INTO annotator_kepttext
        (pair_id, author_id, instruction, input, response, why, at)
    SELECT review.pair_id, verdict.judge_id, fix.instruction, fix.input, fix.response,
           'a fix of quality control', verdict.created_at
    FROM annotator_fix fix
    JOIN annotator_verdict verdict ON verdict.id = fix.verdict_id
    JOIN annotator_review review ON review.id = verdict.review_id
    WHERE verdict.judge_id IS NOT NULL
    """,
    # The main reason has its column; the others are written behind the note.
    """
    UPDATE annotator_verdict verdict
    SET note = concat_ws(E'\\n', nullif(note, ''), 'Also: ' || more.reasons || '.')
    FROM (
        SELECT tag.verdict_id, string_agg(tag.reason, ', ' ORDER BY tag.id) AS reasons
        FROM annotator_verdicttag tag
        JOIN annotator_verdict given ON given.id = tag.verdict_id AND given.reason <> tag.reason
        GROUP BY tag.verdict_id
    ) more
    WHERE more.verdict_id = verdict.id
    """,
)


def forwards(apps, schema_editor):
    _run(schema_editor, FORWARDS)


def backwards(apps, schema_editor):
    _run(schema_editor, BACKWARDS)


def _run(schema_editor, statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        # Or the tables could not be altered before the transaction ends.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0007_draft_challenge"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkAcceptance",
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
                ("at", models.DateTimeField(auto_now_add=True)),
                ("threshold", models.FloatField()),
                ("audit_share", models.FloatField()),
                ("accepted", models.PositiveIntegerField(default=0)),
                ("audited", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Fix",
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
                ("instruction", models.TextField()),
                ("input", models.TextField(blank=True)),
                ("response", models.TextField()),
                ("distance", models.PositiveIntegerField()),
                ("distance_raw", models.PositiveIntegerField()),
            ],
            bases=(annotator.models.texts.HoldsText, models.Model),
        ),
        migrations.CreateModel(
            name="Unit",
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
                ("name", models.CharField(max_length=80, verbose_name="name")),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="VerdictTag",
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
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("incomplete", "not all necessary revisions made"),
                            ("incorrect", "a fact or a calculation is wrong"),
                            ("style", "language, structure or tone"),
                            ("unsafe", "unsafe"),
                            ("overdone", "changed more than needed"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
        ),
        migrations.RemoveIndex(
            model_name="pair",
            name="pair_ready_for_quality",
        ),
        migrations.AddField(
            model_name="pair",
            name="reviewed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pair",
            name="to_judge",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="project",
            name="blind_arm",
            field=models.BooleanField(
                default=False,
                verbose_name="quality control does not see whether there was a draft",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="blind_author",
            field=models.BooleanField(
                default=False,
                verbose_name="quality control does not see who wrote a review",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="quality_floor",
            field=models.FloatField(
                default=0.1,
                help_text="0 to 1.",
                validators=[
                    django.core.validators.MinValueValidator(0.0),
                    django.core.validators.MaxValueValidator(1.0),
                ],
                verbose_name="lowest share of a person's reviews that is looked at",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="quality_full",
            field=models.PositiveIntegerField(
                default=20,
                help_text="Until then everything of a new person is looked at.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(200),
                ],
                verbose_name="judged reviews until a person may be sampled",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="quality_mode",
            field=models.CharField(
                choices=[
                    ("adaptive", "a share of each person's reviews, by how they fare"),
                    ("all", "every review"),
                ],
                default="adaptive",
                max_length=8,
                verbose_name="what quality control looks at",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="quality_slip",
            field=models.FloatField(
                default=0.05,
                help_text="0 to 1. Each person's sampling rate is the lowest that keeps it, as far as their judged reviews can tell. Bulk acceptance is measured by it, too.",
                validators=[
                    django.core.validators.MinValueValidator(0.0),
                    django.core.validators.MaxValueValidator(1.0),
                ],
                verbose_name="share of reviews that may be wrong and unseen",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="return_days",
            field=models.PositiveIntegerField(
                default=7,
                help_text="Then anyone may take it.",
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="days a returned pair waits for its author",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="quality_draw",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="review",
            name="quality_rate",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="verdict",
            name="kind",
            field=models.CharField(
                choices=[
                    ("judged", "judged by a person"),
                    ("unsampled", "not drawn for quality control: nobody looked"),
                    ("bulk", "accepted in bulk: nobody looked"),
                    ("imported", "came with the import as accepted"),
                ],
                db_default="judged",
                default="judged",
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="pair",
            index=models.Index(
                condition=models.Q(
                    ("state", annotator.domain.states.PairState["REVIEWED"]),
                    ("to_judge", True),
                ),
                fields=["project", "-priority", "id"],
                name="pair_ready_for_quality",
            ),
        ),
        migrations.AddIndex(
            model_name="pair",
            index=models.Index(
                condition=models.Q(
                    ("state", annotator.domain.states.PairState["REVIEWED"]),
                    ("to_judge", True),
                ),
                fields=["reviewed_by", "-priority", "id"],
                name="pair_of_a_unit_for_quality",
            ),
        ),
        migrations.AddIndex(
            model_name="pair",
            index=models.Index(
                condition=models.Q(
                    ("state", annotator.domain.states.PairState["REVIEWED"]),
                    ("to_judge", False),
                ),
                fields=["state_since"],
                name="pair_not_to_be_judged",
            ),
        ),
        migrations.AddField(
            model_name="bulkacceptance",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bulkacceptance",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="bulk_acceptances",
                to="annotator.project",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="audit_of",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="audits",
                to="annotator.bulkacceptance",
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="bulk",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verdicts",
                to="annotator.bulkacceptance",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "judged"),
                    models.Q(("accepted", True), ("judge", None)),
                    _connector="OR",
                ),
                name="who_did_not_look_is_no_judge",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bulk__isnull", False), ("kind", "bulk")),
                    models.Q(models.Q(("kind", "bulk"), _negated=True), ("bulk", None)),
                    _connector="OR",
                ),
                name="a_bulk_verdict_names_its_bulk",
            ),
        ),
        migrations.AddField(
            model_name="fix",
            name="verdict",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="fix",
                to="annotator.verdict",
            ),
        ),
        migrations.AddField(
            model_name="unit",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="units_owned",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="unit",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="units",
                to="annotator.project",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="memberships",
                to="annotator.unit",
            ),
        ),
        migrations.AddField(
            model_name="verdicttag",
            name="verdict",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tags",
                to="annotator.verdict",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(
                fields=("project", "name"), name="a_unit_name_once_a_project"
            ),
        ),
        migrations.AddConstraint(
            model_name="verdicttag",
            constraint=models.UniqueConstraint(
                fields=("verdict", "reason"), name="a_reason_once_a_verdict"
            ),
        ),
        migrations.RunPython(forwards, backwards),
    ]
