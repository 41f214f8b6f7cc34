"""The review desk under the hand: changes, undo, two tabs, a lost network, axe."""

from __future__ import annotations

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

from annotator.domain.hunks import Outcome
from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Autosave, HunkDecision, Pair, Review
from annotator.services import drafting, guiding
from revision_engine.types import DraftResult, PairText
from tests import factories, world
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
RAW = {
    "instruction": "Tell about cat",
    "response": "Cats is animals. They sleeps much. They eats fish.",
}
DRAFT = PairText(
    instruction="Tell about cats",
    response="Cats are animals. They sleep much. They eat fish.",
)


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, [RAW, *factories.rows(2)])
    while batch := drafting.take_batch(project):
        results = [
            DraftResult(
                key=request.key,
                text=DRAFT if "cat" in request.text.instruction else request.text,
            )
            for request in batch.requests
        ]
        drafting.store(coach_id=batch.coach.pk, results=results)
    for role in Role:
        factories.make_member(project, role)
    return project


@pytest.fixture
def desk(enter, live_server, project):
    page = enter("annotator")
    page.goto(f"{live_server.url}/p/demo/review/")
    expect(page.locator(".hunk").first).to_be_visible()
    steady(page)
    return page


def swapped(page, before):
    """Wait until another pair stands on the desk, with the focus on its heading."""
    expect(page.locator("h1")).not_to_have_text(before)
    focused_on_heading(page)
    steady(page)


def focused_on_heading(page):
    page.wait_for_function("document.activeElement?.tagName === 'H1'")


def typed(page):
    return page.input_value("#text-response")


def test_one_key_rejects_a_change_and_another_takes_that_back(desk):
    desk.keyboard.press("n")  # the instruction's change
    desk.keyboard.press("n")
    desk.keyboard.press("r")

    rejected = typed(desk)
    desk.keyboard.press("u")

    assert rejected == "Cats is animals. They sleep much. They eat fish."
    assert typed(desk) == DRAFT.response


def test_a_click_rejects_and_accepts_a_change(desk):
    change = desk.locator("[aria-label=Response] .beside .hunk del").nth(1)
    change.click()
    rejected = typed(desk)
    desk.locator("[aria-label=Response] .beside .hunk del").nth(1).click()

    assert rejected == "Cats are animals. They sleeps much. They eat fish."
    assert typed(desk) == DRAFT.response


def test_the_browsers_own_undo_takes_a_decision_back(desk):
    desk.locator("[aria-label=Response] .beside .hunk del").first.click()
    desk.focus("#text-response")
    desk.keyboard.press("Control+z")

    assert typed(desk) == DRAFT.response
    expect(desk.locator("[aria-label=Response] .beside .rejected")).to_have_count(0)


def test_decisions_and_typing_are_stored_as_what_they_are(desk):
    before = desk.inner_text("h1")
    desk.locator("[aria-label=Response] .beside .hunk del").first.click()
    desk.focus("#text-response")
    desk.keyboard.press("Control+End")
    desk.keyboard.type(" They purr.")
    desk.keyboard.press("Control+Enter")
    swapped(desk, before)

    decided = HunkDecision.objects.filter(field="response").order_by("number")
    assert list(decided.values_list("outcome", flat=True)) == [
        Outcome.REJECTED,
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
        Outcome.OWN,
    ]


def test_whole_fields_and_the_whole_pair_take_one_key(desk):
    before = desk.inner_text("h1")
    desk.keyboard.press("n")
    desk.keyboard.press("w")
    raw = desk.input_value("#text-instruction")
    desk.keyboard.press("f")
    drafted = desk.input_value("#text-instruction")
    desk.keyboard.press("a")
    swapped(desk, before)

    assert (raw, drafted) == (RAW["instruction"], DRAFT.instruction)
    assert Review.objects.get().decision == "accepted"


def test_a_submit_is_undone_with_one_key(desk, settings):
    settings.UNDO_SECONDS = 30
    before = desk.inner_text("h1")
    desk.focus("#text-response")
    desk.keyboard.press("Control+End")
    desk.keyboard.type(" Mine.")
    desk.keyboard.press("Control+Enter")
    swapped(desk, before)

    desk.keyboard.press("z")
    expect(desk.locator("h1")).to_have_text(before)
    focused_on_heading(desk)

    assert typed(desk).endswith(" Mine.")
    assert Pair.objects.filter(state=PairState.REVIEWED).count() == 0


def test_keys_pressed_while_the_next_pair_comes_are_not_typed_into_it(desk):
    before = desk.inner_text("h1")
    desk.focus("#text-response")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_function(f"document.querySelector('h1')?.textContent !== '{before}'")
    desk.keyboard.type("qqq")
    focused_on_heading(desk)

    assert "q" not in typed(desk)


def test_a_second_tab_reads_until_it_takes_over(desk):
    expect(desk.locator(".pulse")).to_be_visible()
    desk.fill("#text-response", "From the first tab.")
    expect(desk.locator(".saved")).to_contain_text("saved")
    second = desk.context.new_page()
    second.goto(desk.url)
    expect(second.locator("#elsewhere")).to_be_visible()
    steady(second)
    locked = second.get_attribute("#text-response", "readonly")

    second.click("#elsewhere button")
    expect(second.locator("#elsewhere")).to_be_hidden()
    focused_on_heading(second)
    second.focus("#text-response")
    second.keyboard.press("Control+End")
    second.keyboard.type(" And the second.")
    world.wait_for(lambda: "second." in Autosave.objects.get().response, 20)
    desk.locator("#text-response").press_sequentially("!")
    expect(desk.locator("#elsewhere")).to_be_visible()

    assert locked is not None
    assert Autosave.objects.get().response == "From the first tab. And the second."


def test_text_typed_while_the_network_is_down_arrives_later(desk):
    desk.context.set_offline(True)
    desk.fill("#text-response", "Typed on a train.")
    expect(desk.locator(".saved")).to_contain_text("kept in this browser")

    desk.context.set_offline(False)
    desk.reload()
    expect(desk.locator(".saved")).to_contain_text("saved")

    assert typed(desk) == "Typed on a train."
    assert Autosave.objects.get().response == "Typed on a train."


def test_text_saved_while_a_reload_is_being_drawn_is_on_the_page(desk):
    held = {}

    def hold_the_first(route):
        if held.setdefault(route.request.method, route) is not route:
            route.continue_()

    def wait_for(method):
        while method not in held:
            desk.wait_for_timeout(50)
        return held[method]

    desk.route("**/autosave/", hold_the_first)
    desk.route("**/review/", hold_the_first)
    desk.fill("#text-response", "Typed just before the reload.")
    save = wait_for("POST")
    desk.evaluate("setTimeout(() => location.reload())")
    reload = wait_for("GET")

    drawn_before = reload.fetch()
    with desk.expect_response("**/autosave/"):
        save.continue_()
    desk.wait_for_timeout(200)
    reload.fulfill(response=drawn_before)
    expect(desk.locator(".saved")).to_contain_text("saved")

    assert typed(desk) == "Typed just before the reload."
    assert Autosave.objects.get().response == "Typed just before the reload."


def test_two_versions_are_shown_and_one_is_chosen(desk):
    desk.context.set_offline(True)
    desk.fill("#text-response", "From the train.")
    expect(desk.locator(".saved")).to_contain_text("kept in this browser")
    lease = Pair.objects.get(state=PairState.IN_REVIEW).leases.get()
    Autosave.objects.create(
        pair=lease.pair,
        author=lease.holder,
        revision=4,
        instruction="Tell about cats",
        response="From the office.",
    )
    desk.context.set_offline(False)
    desk.reload()

    expect(desk.locator("#merge")).to_contain_text("two versions")
    steady(desk)
    desk.click("[data-merge=mine]")
    world.wait_for(lambda: Autosave.objects.get().revision == 5, 20)

    assert typed(desk) == "From the train."
    assert Autosave.objects.get().response == "From the train."


def test_skipping_and_tagging_work_from_the_keyboard(desk):
    first = desk.inner_text("h1")
    desk.keyboard.press("s")
    desk.keyboard.press("Space")
    desk.keyboard.press("Enter")
    swapped(desk, first)

    desk.keyboard.press("t")
    desk.keyboard.press("Space")
    desk.keyboard.press("Escape")
    desk.fill("[name='score.instruction.before']", "70")
    desk.keyboard.press("Control+Enter")
    world.wait_for(Review.objects.exists, 20)

    review = Review.objects.get()
    assert review.tags.get().criterion == "instruction.contextualization"
    assert review.scores.get().score == 70


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_desk_has_no_accessibility_violations(
    enter, live_server, project, scheme, width
):
    lead = project.memberships.get(role=Role.LEAD).user
    guiding.write(project=project, author=lead, body="# Be kind\n\n- and clear")
    page = enter(
        "annotator", color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    page.goto(f"{live_server.url}/p/demo/review/")
    expect(page.locator(".hunk").first).to_be_attached()
    steady(page)
    page.click("#rubric summary")
    page.click("#guideline summary")

    found = Axe().run(page, options=WCAG)["violations"]

    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


@pytest.mark.parametrize(
    "path", ["", "pairs/", "pairs/1/", "guidelines/", "quality/", "review/"]
)
def test_the_pages_around_it_have_none_either(enter, live_server, project, path):
    page = enter("lead")
    page.goto(f"{live_server.url}/p/demo/{path}")

    found = Axe().run(page, options=WCAG)["violations"]

    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
