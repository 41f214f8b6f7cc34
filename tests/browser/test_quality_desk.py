"""Quality control's desk under the hand: mend, autosave, send back; axe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.models import Autosave, Draft, Fix, Unit, Verdict
from annotator.services import bulk_accepting, quality
from tests import factories
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def project():
    project = factories.make_drafted(40, drafts_ahead=100)
    Draft.objects.update(mean_logprob=-0.31)
    for role in Role:
        factories.make_member(project, role)
    return project


@pytest.fixture
def people(project):
    users = {m.user.username: m.user for m in project.memberships.all()}
    for _ in range(3):
        factories.review(project, users["annotator"])
    return users


def test_a_reviewer_mends_and_accepts(enter, live_server, people):
    page = enter("reviewer")
    page.goto(f"{live_server.url}/p/demo/quality/")
    steady(page)
    first = page.locator("h1").inner_text()
    page.keyboard.press("m")
    response = page.locator("#fix-response")
    response.fill("A much better answer.")
    expect(page.locator(".saved")).to_contain_text("saved")
    expect(page.locator("#fix .part").nth(2).locator("del")).not_to_have_count(0)
    assert Autosave.objects.get().response == "A much better answer."

    response.press("Control+Enter")
    expect(page.locator("h1")).not_to_have_text(first)

    assert Fix.objects.get().response == "A much better answer."
    assert Verdict.objects.get().accepted


def test_accepting_over_a_fix_asks_and_sending_back_takes_it_along(
    enter, live_server, people
):
    page = enter("reviewer")
    page.goto(f"{live_server.url}/p/demo/quality/")
    steady(page)
    first = page.locator("h1").inner_text()
    page.keyboard.press("m")
    page.locator("#fix-response").fill("My remark.")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Accept", exact=True).click()
    assert asked == ["Accept the review as it is and drop your text?"]

    page.get_by_text("Send back…").click()
    page.get_by_label("Language, structure or tone").check()
    page.get_by_label("Unsafe").check()
    page.get_by_label("Note for the author").fill("Shorter.")
    page.get_by_role("button", name="Send back to the author").click()
    expect(page.locator("h1")).not_to_have_text(first)

    verdict = Verdict.objects.get()
    assert (verdict.reason, verdict.note) == ("style", "Shorter.")
    assert verdict.tags.count() == 2
    assert verdict.fix.response == "My remark."


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible(enter, live_server, project, people, scheme, width):
    _fill(project, people)
    page = enter("admin", viewport={"width": width, "height": 800}, color_scheme=scheme)
    for path in (
        "quality/",
        "quality/people/",
        "quality/bulk/?threshold=-0.5&audit_share=0.2",
        "units/",
    ):
        page.goto(f"{live_server.url}/p/demo/{path}")
        if path == "quality/":
            steady(page)
            page.keyboard.press("m")
        _picture(page, f"{path.split('?')[0].replace('/', '-')}{scheme}-{width}")
        found = Axe().run(page, options=WCAG)
        assert not found["violations"], found["violations"]
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
    page = enter(
        "annotator", viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    for path in ("review/", "review/feedback/"):
        page.goto(f"{live_server.url}/p/demo/{path}")
        _picture(page, f"{path.replace('/', '-')}{scheme}-{width}")
        found = Axe().run(page, options=WCAG)
        assert not found["violations"], found["violations"]


def _picture(page, name: str) -> None:
    """For a person to look at, where a folder is named for them."""
    if folder := os.environ.get("COACHLM_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def _fill(project, people) -> None:
    """A unit, verdicts of all kinds, an audited bulk, and a return on the desk."""
    unit = Unit.objects.create(project=project, name="Law", owner=people["lead"])
    people["annotator"].memberships.update(unit=unit)
    for _ in range(25):
        factories.review(project, people["annotator"])
    bulk_accepting.accept(
        project=project, actor=people["lead"], threshold=-0.5, audit_share=0.7
    )
    for number in range(8):
        lease = factories.claim(project, people["reviewer"], Stage.QUALITY)
        who = {"token": lease.token, "person": people["reviewer"]}
        text = factories.better(lease.pair.standing_review.text)
        if number == 1:
            quality.fix_and_accept(text=text, note="Said more.", **who)
        elif number in (2, 7):
            quality.send_back(
                reason="style", also=["incorrect"], note="Shorter.", text=text, **who
            )
        else:
            quality.accept(**who)
