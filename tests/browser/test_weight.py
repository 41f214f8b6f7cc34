"""What a desk costs over the wire, from a web process as it is deployed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from playwright.sync_api import expect

from annotator.domain.roles import Role
from tests import factories
from tests.web_process import Web, session_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_BYTES, MOST_REQUESTS = 60_000, 8
COLLECT = (
    "import django; django.setup();"
    "from annotator.config import static_files; static_files.collect()"
)


@pytest.fixture
def web(tmp_path):
    env = {
        **os.environ,
        "COACHLM_VAR": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    subprocess.run(
        [sys.executable, "-c", COLLECT], env=env, cwd=settings.BASE_DIR, check=True
    )
    web = Web(tmp_path)
    yield web
    web.end()


def test_a_desk_is_light_and_its_files_are_kept_for_good(browser, web):
    project = factories.make_drafted(4)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    context = browser.new_context()
    context.add_cookies(
        [{"name": "sessionid", "value": session_of(anna), "url": web.url}]
    )
    page = context.new_page()
    asked, sizes = {}, {}
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on(
        "Network.responseReceived",
        lambda told: asked.update({told["requestId"]: told["response"]}),
    )
    wire.on(
        "Network.loadingFinished",
        lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}),
    )

    page.goto(f"{web.url}/p/demo/review/", wait_until="networkidle")

    # The pieces of a change are made by the bundled script.
    expect(page.locator(".hunk").first).to_be_visible()
    table = "\n".join(f"{sizes.get(k, 0)} {asked[k]['url']}" for k in asked)
    assert len(asked) <= MOST_REQUESTS, table
    assert sum(sizes.values()) < MOST_BYTES, table
    kept = {
        value
        for one in asked.values()
        for name, value in one["headers"].items()
        if "/static/" in one["url"] and name.lower() == "cache-control"
    }
    assert kept == {"max-age=315360000, public, immutable"}
