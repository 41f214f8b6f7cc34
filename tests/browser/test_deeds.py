"""Each deed at each desk against what a day brings: a session that ends before, during
or after it, another tab, another browser, a server that dies, no network, a double
click. Nothing typed is lost, nothing is done twice, and no pair is decided unseen."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import expect

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import KeptText, Pair, Review, Verdict
from tests import factories, world
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOGIN_PAGE = "<!doctype html><main id=work><h1>Log in</h1></main>"
TYPED = "Typed by hand, and not to be lost."


@dataclass(frozen=True)
class Deed:
    """One way in which a pair leaves a desk."""

    desk: str
    address: str
    """Of its request."""
    to: PairState
    types: str = ""
    """The editor that is typed into before."""
    opens: str = ""
    """The key of its drawer."""
    reason: str = ""
    press: str = ""
    """The key of the deed itself; empty: the button of the drawer."""
    verdict: bool = False

    def do(self, page):
        if self.types:
            if self.desk == "quality":
                page.keyboard.press("m")
            page.fill(self.types, TYPED)
        if self.opens:
            if self.types:
                page.keyboard.press("Escape")
            page.keyboard.press(self.opens)
            page.check(f".drawer[open] [value={self.reason}]")
        if self.press:
            page.keyboard.press(self.press)
        else:
            page.click(".drawer[open] button[type=submit]")


REVIEW, QUALITY = "#text-response", "#fix-response"
DEEDS = {
    "submit": Deed(
        "review", "submit", PairState.REVIEWED, REVIEW, press="Control+Enter"
    ),
    "accept draft": Deed("review", "submit", PairState.REVIEWED, press="a"),
    "keep raw": Deed("review", "submit", PairState.REVIEWED, press="k"),
    "exclude": Deed(
        "review", "exclude", PairState.EXCLUDED, opens="x", reason="safety"
    ),
    "skip": Deed("review", "skip", PairState.READY, opens="s", reason="unclear"),
    "give back": Deed("review", "give-back", PairState.READY, press="g"),
    "accept": Deed("quality", "judge", PairState.ACCEPTED, press="a"),
    "mend": Deed(
        "quality", "judge", PairState.ACCEPTED, QUALITY, press="Control+Enter"
    ),
    "send back": Deed(
        "quality", "judge", PairState.READY, QUALITY, opens="s", reason="style"
    ),
    "give back a review": Deed("quality", "give-back", PairState.REVIEWED, press="g"),
}


@pytest.fixture
def project():
    project = factories.make_drafted(36, drafts_ahead=100)
    for role in Role:
        factories.make_member(project, role)
    author = factories.make_member(project, Role.ANNOTATOR, "author")
    for _ in range(16):
        factories.review(project, author)
    return project


@pytest.fixture
def at(enter, live_server, project):
    """A desk with a pair on it, for a person who may sit at both."""

    def at(desk, page=None):
        if page is None:
            page = enter("lead")
            # With no route left Playwright stops to intercept, and begins anew with the
            # next one: on slow cores a request slipped through meanwhile.
            page.route("**/never/", lambda route: route.abort())
        page.goto(f"{live_server.url}/p/demo/{desk}/")
        steady(page)
        return page

    return at


def number(page):
    return int(page.inner_text("h1").split()[-1])


def state_of(pk):
    return PairState(Pair.objects.get(pk=pk).state)


def moved(page, deed, pk):
    """Playwright answers what is routed only while it is asked something."""
    world.wait_for(lambda: page.wait_for_timeout(50) or state_of(pk) == deed.to, 20)


def done_once(page, deed, pk):
    """The deed is done, once, with all that was typed."""
    moved(page, deed, pk)
    if deed.types == REVIEW:
        assert Review.objects.get(pair=pk, response=TYPED)
    if deed.types == QUALITY:
        assert Verdict.objects.get(review__pair=pk).fix.response == TYPED
    mine = Review.objects.filter(pair=pk, author__username="lead")
    assert mine.count() == (1 if deed.address == "submit" else 0)
    assert Verdict.objects.filter(review__pair=pk).count() == (deed.address == "judge")


def unlock(page):
    """As if the word that another tab has the pen had not come in time."""
    page.evaluate(
        """() => {
            for (const one of document.querySelectorAll("[inert]")) one.inert = false;
            for (const one of document.querySelectorAll("textarea"))
                one.readOnly = false;
        }"""
    )


def sign_in_over(page):
    expect(page.locator("#sign-in[open]")).to_be_visible()
    page.fill("#sign-in-password", factories.PASSWORD)
    page.click("#sign-in button[type=submit]")
    expect(page.locator("#sign-in")).to_be_hidden()


def sign_everybody_out():
    """Also where Playwright answers what is routed: Django has a connection of its own
    there, and whoever leaves it open takes it out of the pool for good."""
    Session.objects.all().delete()
    connection.close()


def ended_before(page, deed):
    sign_everybody_out()
    deed.do(page)
    sign_in_over(page)


def ended_during(page, deed):
    def sign_out_first(route):
        sign_everybody_out()
        route.continue_()

    page.route(f"**/{deed.address}/", sign_out_first, times=1)
    deed.do(page)
    sign_in_over(page)


def ended_after(page, deed):
    """The answer is lost, and so is the session: what was done is not done again."""

    def lose_the_answer(route):
        route.fetch()
        sign_everybody_out()
        route.abort()

    page.route(f"**/{deed.address}/", lose_the_answer, times=1)
    deed.do(page)
    sign_in_over(page)


def answered_by_a_proxy(page, deed):
    """With a page of its own that wants a login."""

    def answer_with_a_page(route):
        route.fulfill(status=200, content_type="text/html", body=LOGIN_PAGE)

    page.route(f"**/{deed.address}/", answer_with_a_page, times=1)
    deed.do(page)


def server_killed(page, deed):
    """Before the deed is done at the first try, after it at the second."""
    tries = []

    def die(route):
        tries.append(route.request)
        if len(tries) == 2:
            route.fetch()
        if len(tries) == 3:
            route.fulfill(status=502, body="Bad gateway")
        else:
            route.abort("connectionreset")

    page.route(f"**/{deed.address}/", die, times=3)
    deed.do(page)
    expect(page.locator("[data-waiting]")).to_be_visible()
    world.wait_for(lambda: not page.wait_for_timeout(100) and len(tries) == 3, 30)


def offline(page, deed):
    page.context.set_offline(True)
    deed.do(page)
    expect(page.locator("[data-waiting]")).to_contain_text("cannot be reached")
    page.context.set_offline(False)


FAULTS = (
    ended_before,
    ended_during,
    ended_after,
    answered_by_a_proxy,
    server_killed,
    offline,
)


@pytest.mark.timeout(600)  # six faults, some with pauses before the next try
@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_is_done_once_and_with_its_text_whatever_comes(at, name):
    deed = DEEDS[name]
    page = at(deed.desk)

    for fault in FAULTS:
        pk = number(page)
        held = {PairState.IN_REVIEW, PairState.IN_QUALITY}
        assert state_of(pk) in held
        fault(page, deed)
        done_once(page, deed, pk)
        if deed.address == "give-back":  # it leads away from the desk
            page.wait_for_url("**/p/demo/")
        page.wait_for_function("!document.querySelector('[data-waiting]')")
        page = at(deed.desk, page)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["accept draft", "keep raw", "accept"])
def test_a_double_key_or_click_decides_one_pair(at, name):
    deed = DEEDS[name]
    page = at(deed.desk)
    place = page.locator(f"#actions [data-key={deed.press}]").bounding_box()
    page.mouse.move(place["x"] + 10, place["y"] + 10)
    waiting = {PairState.IN_REVIEW, PairState.IN_QUALITY}

    for gap in (30, 80, 120, 150, 250, 450):
        clicked = number(page)
        for clicks in (1, 2):
            page.mouse.down(click_count=clicks)
            page.mouse.up(click_count=clicks)
            page.wait_for_timeout(gap)
        decided_alone(page, deed, clicked)
        pressed = number(page)
        for _ in range(2):
            page.keyboard.press(deed.press)
            page.wait_for_timeout(gap)
        decided_alone(page, deed, pressed)
        assert state_of(number(page)) in waiting, f"{gap} ms"


def decided_alone(page, deed, pk):
    """This pair is decided, and the one that came after it is not."""
    moved(page, deed, pk)
    expect(page.locator("h1")).not_to_have_text(f"Pair {pk}")
    steady(page)
    assert state_of(number(page)) in (PairState.IN_REVIEW, PairState.IN_QUALITY)


@pytest.mark.parametrize("name", ["submit", "mend"])
def test_another_tab_does_not_submit_over_the_one_that_has_the_pen(at, name):
    deed = DEEDS[name]
    first = at(deed.desk)
    pk = number(first)
    deed_text = Deed(deed.desk, deed.address, deed.to, deed.types, press="Escape")
    deed_text.do(first)
    expect(first.locator(".saved")).to_contain_text("saved")
    second = at(deed.desk, first.context.new_page())
    expect(second.locator("#elsewhere")).to_be_visible()

    # The key rests; and where the lock was not there in time, the server refuses.
    second.keyboard.press("Control+Enter")
    unlock(second)
    if deed.desk == "quality":
        second.keyboard.press("m")
    second.locator(deed.types).evaluate("(text) => (text.value = 'An older text.')")
    second.locator(deed.types).focus()
    second.keyboard.press("Control+Enter")
    expect(second.locator("h1")).to_contain_text("Not ")

    assert state_of(pk) in (PairState.IN_REVIEW, PairState.IN_QUALITY)
    assert KeptText.objects.get().response == "An older text."
    steady(second)
    second.click("#go-on-with-mine button")
    expect(second.locator("h1")).to_have_text(f"Pair {pk}")
    assert second.input_value(deed.types) == "An older text."
    assert set(KeptText.objects.values_list("response", flat=True)) == {
        "An older text.", TYPED,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["submit", "mend"])
def test_two_browsers_under_one_login_submit_two_texts(at, enter, name):
    deed = DEEDS[name]
    first = at(deed.desk)
    pk = number(first)
    second = at(deed.desk, enter("lead"))
    expect(second.locator("#elsewhere")).to_be_visible()
    if deed.desk == "quality":
        second.keyboard.press("m")
    unlock(second)
    deed.do(first)
    moved(first, deed, pk)

    second.locator(deed.types).evaluate("(text) => (text.value = 'The other browser.')")
    second.locator(deed.types).focus()
    second.keyboard.press("Control+Enter")
    expect(second.locator("h1")).to_contain_text("had ended")

    assert KeptText.objects.get().response == "The other browser."
    expect(second.locator("#work")).to_contain_text("The other browser.")
    done_once(second, deed, pk)


@pytest.mark.parametrize("name", DEEDS)
def test_each_deed_says_what_it_did_and_is_taken_back_with_z(at, settings, name):
    deed = DEEDS[name]
    page = at(deed.desk)
    pk = number(page)
    settings.UNDO_SECONDS = 30
    deed.do(page)
    moved(page, deed, pk)
    expect(page.locator(".undo")).to_contain_text(f"air {pk} is")

    page.wait_for_load_state()  # a key that comes before the scripts is nobody's
    if page.locator("#work").count():
        steady(page)
    page.keyboard.press("z")
    expect(page.locator("h1")).to_have_text(f"Pair {pk}")

    assert state_of(pk) in (PairState.IN_REVIEW, PairState.IN_QUALITY)
    if deed.types:
        assert page.input_value(deed.types) == TYPED


def test_signing_in_as_somebody_else_sends_nothing(at, live_server):
    deed = DEEDS["submit"]
    page = at("review")
    pk = number(page)
    other = page.context.new_page()
    page.context.clear_cookies()
    other.goto(f"{live_server.url}/login/")
    other.fill("[name=username]", "annotator")
    other.fill("[name=password]", factories.PASSWORD)
    other.press("[name=password]", "Enter")
    other.wait_for_url(lambda url: "/login/" not in url)

    deed.do(page)
    expect(page.locator("#sign-in [role=alert]")).to_contain_text("annotator")
    assert not Review.objects.filter(response=TYPED).exists()
    page.fill("#sign-in-password", "wrong")
    page.click("#sign-in button[type=submit]")
    expect(page.locator("#sign-in [role=alert]")).to_contain_text("do not belong")
    sign_in_over(page)

    done_once(page, deed, pk)
    assert Review.objects.get(response=TYPED).author.username == "lead"


def test_a_sign_in_in_another_tab_sends_it_too(at, live_server):
    deed = DEEDS["submit"]
    page = at("review")
    pk = number(page)
    sign_everybody_out()
    deed.do(page)
    expect(page.locator("#sign-in[open]")).to_be_visible()

    other = page.context.new_page()
    other.goto(f"{live_server.url}/login/")
    other.fill("[name=username]", "lead")
    other.fill("[name=password]", factories.PASSWORD)
    other.press("[name=password]", "Enter")
    other.wait_for_url(lambda url: "/login/" not in url)
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    done_once(page, deed, pk)
    expect(page.locator("#sign-in")).to_be_hidden()


def test_a_note_and_marks_survive_a_reload(at):
    page = at("review")
    page.keyboard.press("t")
    page.check("[value='response.richness']")
    page.fill("[name='score.instruction.before']", "70")
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.check("[name=reason][value=safety]")
    page.fill("#exclude-note", "It tells how to do harm.")

    page.reload()
    steady(page)

    assert page.is_checked("[value='response.richness']")
    assert page.input_value("[name='score.instruction.before']") == "70"
    assert page.input_value("#exclude-note") == "It tells how to do harm."


def test_text_of_a_pair_that_has_gone_reaches_its_history(at):
    """Typed offline, skipped by another road, and the next pair is on the desk."""
    page = at("review")
    pk = number(page)
    page.route("**/autosave/", lambda route: route.abort())
    page.fill("#text-response", TYPED)
    expect(page.locator(".saved")).to_contain_text("kept in this browser")
    page.keyboard.press("Escape")
    DEEDS["skip"].do(page)
    moved(page, DEEDS["skip"], pk)
    page.unroute("**/autosave/")
    page.reload()

    pair = Pair.objects.get(pk=pk)
    world.wait_for(lambda: pair.autosaves.filter(response=TYPED).exists(), 20)


def test_a_plain_form_of_somebody_signed_out_comes_back_with_its_text(
    at, browser, live_server
):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/login/")
    page.fill("[name=username]", "lead")
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.goto(f"{live_server.url}/p/demo/review/")
    pk = number(page)
    page.fill("[name=response]", TYPED)
    sign_everybody_out()

    page.click("button[value=save]")
    expect(page.locator("h1")).to_have_text("Nothing you sent is lost")
    tab = page.context.new_page()
    tab.goto(f"{live_server.url}/login/")
    tab.fill("[name=username]", "lead")
    tab.fill("[name=password]", factories.PASSWORD)
    tab.press("[name=password]", "Enter")
    for _ in range(2):
        if page.get_by_role("button", name="Send it again").count():
            page.get_by_role("button", name="Send it again").click()

    done_once(page, DEEDS["submit"], pk)
