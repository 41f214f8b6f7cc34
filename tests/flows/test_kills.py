"""Whatever part of the real product is killed, it heals, and nothing is lost.

The short form of `./coachlm benchmark kills`.
"""

from __future__ import annotations

import pytest

from benchmarks.kills import proof, rounds

TARGETS = ("web", "a web worker", "worker-engine", "beat", "postgres", "valkey", "up")


@pytest.mark.flow
def test_each_part_comes_back_and_each_acknowledged_deed_is_there_once():
    rows = [rounds.Row(target) for target in TARGETS]

    with rounds.world(writers=3, judges=1, pairs=2_000, pace=0.1) as world:
        for row in rows:
            rounds.kill(world, row)
            assert rounds.works(world, more=3), f"nobody could go on: {row}"
        world.rest()
        faults = proof.faults(world.product.database(), world.ledger)

    assert faults == []
    assert all(len(row.pages) == row.kills == 1 for row in rows), "\n".join(
        map(str, rows)
    )
    assert "connection refused" not in rows[0].said  # `up` holds the port
    assert world.ledger.submits
    assert world.ledger.verdicts
    assert world.ledger.saves()
