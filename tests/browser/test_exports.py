"""The export page in a browser: choose, read the count, write, fetch."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from annotator.models import Export
from annotator.services import exporting
from annotator.services.tallies import folding
from tests import exported_pairs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("COACHLM_SHOTS", "")


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_lead_counts_writes_and_fetches(enter, live_server):
    project, lead = exported_pairs.make()
    folding.fold(project)  # the form offers the categories that were counted
    exported_pairs.written(project, lead, shape="messages", file="hub")
    page = enter("lena")
    page.goto(f"{live_server.url}/p/demo/export/")
    expect(page.locator("#order [role=status]")).to_contain_text("5 pairs go")
    expect(page.get_by_label("Preferred to")).to_be_hidden()

    page.get_by_text("Preferences (DPO)").click()
    expect(page.get_by_label("Preferred to")).to_be_visible()
    page.get_by_text("Which pairs").click()
    page.get_by_label("Category").select_option("nature")
    expect(page.locator("#order [role=status]")).to_contain_text("1 pair goes")
    page.get_by_role("button", name="Write the file").click()
    expect(page.locator("#exports")).to_contain_text("waiting to be written")
    shot(page, "export-light")
    for export_id in exporting.to_write():
        exporting.write(export_id)
    expect(page.locator("#exports")).not_to_contain_text("waiting")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()

    export = Export.objects.latest("pk")
    assert download.value.suggested_filename == export.name
    assert download.value.path().read_bytes() == exporting.file_of(export).read_bytes()
    page.emulate_media(color_scheme="dark")
    shot(page, "export-dark")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "export-390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
