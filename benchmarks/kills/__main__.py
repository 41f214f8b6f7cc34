"""Does the product heal, and keep what it acknowledged, whatever part of it is killed?

    ./coachlm benchmark kills [rounds] [writers] [judges]

Starts the real `./coachlm up` in a folder of its own, with a coach that needs no model,
lets people write, save and judge there without a pause, and kills each part with -9,
`rounds` times (5), among them `up` itself, which is then started again, and the recipe
of a run, which then fails, and is resumed as a person would. Prints a table
in Markdown, and at the end whether each acknowledged deed is in the database once.
"""

from __future__ import annotations

import sys

from benchmarks.kills import proof, rounds
from benchmarks.kills.product import TARGETS

PAIRS = 20_000
PACE = 0.3


def main() -> int:
    given = [int(argument) for argument in sys.argv[1:]]
    count, writers, judges = (given + [5, 4, 2][len(given) :])[:3]
    rows = [rounds.Row(target) for target in TARGETS]
    with rounds.world(writers=writers, judges=judges, pairs=PAIRS, pace=PACE) as world:
        for number in range(count):
            for row in rows:
                rounds.kill(world, row)
                if not rounds.works(world, more=5):
                    print(f"Nobody could go on after {row.target}.", flush=True)
            print(f"Round {number + 1} of {count}:", *rows, sep="\n", file=sys.stderr)
        world.rest()
        wrong = proof.faults(world.product.database(), world.ledger)
        ledger = world.ledger
    print(rounds.HEAD, *rows, sep="\n")
    print(
        f"\n{len(ledger.submits):,} submits, {ledger.saves():,} autosaves and "
        f"{len(ledger.verdicts):,} verdicts were acknowledged; lost or doubled: "
        f"{len(wrong)}. Refused: {dict(ledger.refused) or 'none'}."
    )
    print(*wrong[:20], sep="\n")
    return 1 if wrong or any(len(row.pages) < row.kills for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
