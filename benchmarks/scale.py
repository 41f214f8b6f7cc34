"""Data in and out at three sizes, one after the other, each in processes of its own.

    ./coachlm benchmark scale [pairs ...] [peer=PATH/bin/label-studio]

Imports, exports and rule runs of 10,000, 100,000 and 1,000,000 pairs (the rules of the
last size take a quarter of an hour: give the sizes to leave them out, or RULES_MOST).
Prints what each benchmark prints, with the load of the machine before and after.
docs/scale.md has the last table.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

SIZES = (10_000, 100_000, 1_000_000)
RULES_MOST = int(os.environ.get("RULES_MOST", "100000"))
EXPORTS = ("alpaca.jsonl", "alpaca.jsonl", "revisions.jsonl", "messages.parquet")


def main() -> None:
    sizes = [int(each) for each in sys.argv[1:] if each.isdigit()] or list(SIZES)
    peer = [each for each in sys.argv[1:] if each.startswith("peer=")]
    for size in sizes:
        print(f"\n== {size:,} pairs", flush=True)
        # The peer takes minutes for a million: it is compared at one size.
        beside = peer if size == min(sizes, key=lambda n: abs(n - 50_000)) else []
        run("importing", str(size), *beside)
        run("exporting", str(size), *EXPORTS)
        if size <= RULES_MOST:
            run("rules", str(size))


def run(name: str, *given: str) -> None:
    """One benchmark; a failing one is said and the others go on."""
    load = os.getloadavg()[0]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *given], check=False
    )
    took = time.monotonic() - began
    end = f"failed with {done.returncode}" if done.returncode else "done"
    print(
        f"-- {name} {end} in {took:.0f} s with its setting up; load {load:.1f} before, "
        f"{os.getloadavg()[0]:.1f} after",
        flush=True,
    )


if __name__ == "__main__":
    main()
