"""The product works while what training needs is installed, or cannot be."""

from __future__ import annotations

import json
import time
from pathlib import Path

import psycopg
import pytest

from annotator.config import families
from benchmarks.kills.fill import PASSWORD
from benchmarks.kills.product import Product
from training import installation
from training.installation import State

FAILS = (
    "echo 'NewConnectionError: no route' >&2\necho 'ERROR: No matching torch'\nexit 1"
)
HANGS = "echo '  Downloading torch-2.13.0-cp311.whl (191.8 MB)'\nsleep 300"
WORKS = "touch {there}"


@pytest.fixture
def product(tmp_path: Path):
    (tmp_path / "var").mkdir()
    tmp_path.chmod(0o755)
    running = Product(tmp_path, module="tests.up_in_parts")
    yield running
    running.stop()


def pip(product: Product, script: str) -> None:
    """What stands for pip from its next try on."""
    there = product.folder / "var" / "there"
    (product.folder / "var" / "install.sh").write_text(script.format(there=there))


def until(holds) -> None:
    limit = time.monotonic() + 120
    while not holds() and time.monotonic() < limit:
        time.sleep(0.1)
    assert holds()


def told(product: Product) -> installation.Installation | None:
    return installation.read(product.folder / "var" / "training.json")


def is_told(product: Product, state: str, doing: str = "") -> bool:
    found = told(product)
    return found is not None and found.state == state and doing in found.doing


def runs_training(product: Product) -> bool:
    state = json.loads((product.folder / "var" / "up.json").read_text())
    return "worker-training" in {part["name"] for part in state["parts"]}


@pytest.mark.flow
@pytest.mark.timeout(600)
def test_the_second_part_fails_is_broken_off_and_comes_in_the_end(product):
    pip(product, FAILS)
    product.start()
    product.fill(pairs=5, people=1, judges=1)
    with psycopg.connect(product.database()) as database:
        database.execute("UPDATE annotator_membership SET role = 'admin'")
    until(lambda: is_told(product, State.FAILED))
    ada = product.browser()
    assert ada.sign_in("writer0", PASSWORD)
    page = ada.get("/p/kills/coaches/")

    assert page.is_fine
    assert "Training could not be installed. Its packages could not" in page.body
    assert "reaches the package index. It is tried again at" in page.body
    assert ada.get("/p/kills/review/").is_fine
    assert not runs_training(product)

    pip(product, HANGS)  # the next try, of the same `up`
    until(lambda: is_told(product, State.INSTALLING, "torch"))
    assert "so far (torch (191.8 MB))" in ada.get("/p/kills/coaches/").body
    began = time.monotonic()
    product.stop()  # Ctrl-C in the middle

    assert time.monotonic() - began < 60
    assert families.marked(product.folder / "var") == []
    assert not (product.folder / "var" / "training.json").exists()
    assert not (product.folder / "var" / "install.part").exists()

    pip(product, WORKS)  # a second `up` goes on
    product.start()
    until(lambda: runs_training(product))
    assert is_told(product, State.READY)
    assert "Training is ready, since" in ada.get("/p/kills/coaches/").body
