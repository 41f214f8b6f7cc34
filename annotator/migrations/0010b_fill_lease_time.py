"""Count the active time of leases that have ended, as `active_seconds` counts it."""

from django.db import migrations

FILL = """
WITH moments AS (
    SELECT id AS lease, opened_at AS at FROM annotator_lease
    WHERE ended_at IS NOT NULL
    UNION ALL
    SELECT id, ended_at FROM annotator_lease WHERE ended_at IS NOT NULL
    UNION ALL
    SELECT lease.id, tick.at
    FROM annotator_tick tick
    JOIN annotator_lease lease ON lease.id = tick.lease_id
    WHERE tick.active AND tick.at BETWEEN lease.opened_at AND lease.ended_at
), gaps AS (
    SELECT lease,
        extract(epoch FROM at - lag(at) OVER (PARTITION BY lease ORDER BY at)) AS gap
    FROM moments
), spent AS (
    SELECT gaps.lease,
        coalesce(sum(gap) FILTER (WHERE gap <= project.idle_seconds), 0) AS seconds
    FROM gaps
    JOIN annotator_lease lease ON lease.id = gaps.lease
    JOIN annotator_pair pair ON pair.id = lease.pair_id
    JOIN annotator_project project ON project.id = pair.project_id
    GROUP BY gaps.lease
)
UPDATE annotator_lease SET active_seconds = spent.seconds
FROM spent WHERE spent.lease = annotator_lease.id
"""


class Migration(migrations.Migration):
    dependencies = [("annotator", "0010_stratified_arms_and_lease_time")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
