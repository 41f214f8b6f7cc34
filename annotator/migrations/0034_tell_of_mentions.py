"""Mentions that nobody has looked at stand in the inbox."""

from django.db import migrations

TELL = """
INSERT INTO annotator_notice
    (person_id, project_id, kind, about, number, by_id, said, key, at)
SELECT mention.person_id, coalesce(project.checks_of_id, project.id), 'mention',
    'pair', comment.pair_id, comment.author_id,
    jsonb_build_object('body', left(comment.body, 200)),
    'comment:' || comment.id, comment.created_at
FROM annotator_mention mention
JOIN annotator_comment comment ON comment.id = mention.comment_id
JOIN annotator_pair pair ON pair.id = comment.pair_id
JOIN annotator_project project ON project.id = pair.project_id
WHERE mention.seen_at IS NULL
ON CONFLICT DO NOTHING
"""
FORGET = "DELETE FROM annotator_notice WHERE kind = 'mention'"


class Migration(migrations.Migration):
    dependencies = [("annotator", "0033_news")]

    operations = [migrations.RunSQL(TELL, FORGET)]
