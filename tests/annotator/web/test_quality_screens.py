"""Quality control on the screens: mend, send back, blind, units, bulk, people."""

from __future__ import annotations

import re

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import (
    Autosave,
    BulkAcceptance,
    Draft,
    Fix,
    Lease,
    Unit,
    Verdict,
)
from annotator.services import quality
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project, "Secret coach")
    factories.import_rows(project, factories.rows(6))
    factories.draft_all(project)
    Draft.objects.update(mean_logprob=-0.2)
    return project


@pytest.fixture
def anna(project):
    return factories.make_member(project, Role.ANNOTATOR, "annabel")


@pytest.fixture
def review(project, anna):
    return factories.review(project, anna)


def texts(review, response: str) -> dict[str, str]:
    return {"instruction": review.instruction, "input": "", "response": response}


def judge(client, project, person, **sent):
    client.force_login(person)
    client.get("/p/demo/quality/")
    lease = Lease.objects.get(holder=person, stage=Stage.QUALITY, ended_at=None)
    return client.post(f"/p/demo/quality/{lease.token}/judge/", sent)


def test_the_desk_mends_without_javascript(client, project, rosa, review):
    sent = {"action": "fix", **texts(review, "<b>Mended.</b>")}

    answer = judge(client, project, rosa, **sent)

    assert answer.status_code == 302
    assert Fix.objects.get().response == "<b>Mended.</b>"
    page = client.get(f"/p/demo/pairs/{review.pair_id}/").content.decode()
    assert "mended the review and accepted it" in page
    assert "&lt;b&gt;Mended" in page.replace("<ins>", "")


def test_an_accept_with_dropped_text_keeps_it(client, project, rosa, review):
    judge(client, project, rosa, action="accept", **texts(review, "Dropped."))

    assert Verdict.objects.get().accepted
    assert not Fix.objects.exists()
    assert review.pair.kept_texts.get().response == "Dropped."


def test_a_return_reaches_its_author_with_all_its_parts(
    client, project, anna, rosa, review
):
    judge(
        client,
        project,
        rosa,
        action="send_back",
        reason=["incorrect", "style"],
        note="Look at <the> dates.",
        **texts(review, review.response + " In 1914."),
    )
    client.force_login(anna)

    desk = client.get("/p/demo/review/").content.decode()
    feedback = client.get("/p/demo/review/feedback/").content.decode()

    for page in (desk, feedback):
        assert "rosa sent this back: a fact or a calculation is wrong; lang" in page
        assert "Look at &lt;the&gt; dates." in page
        assert "<ins> In 1914.</ins>" in page


def test_a_refused_return_shows_the_desk_again_with_all_that_was_typed(
    client, project, rosa, review
):
    sent = {"action": "send_back", "note": "My note.", **texts(review, "Typed.")}

    answer = judge(client, project, rosa, **sent)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose a reason" in page
    assert "My note." in page
    assert "Typed.</textarea>" in page
    assert Autosave.objects.get(author=rosa).response == "Typed."


def test_what_comes_too_late_is_shown_to_copy_and_kept(client, project, rosa, review):
    client.force_login(rosa)
    client.get("/p/demo/quality/")
    lease = Lease.objects.get(holder=rosa)
    client.post(f"/p/demo/quality/{lease.token}/give-back/")

    answer = client.post(
        f"/p/demo/quality/{lease.token}/judge/",
        {"action": "fix", "note": "My note.", **texts(review, "Late text.")},
    )

    assert answer.status_code == 409
    assert "Late text." in answer.content.decode()
    assert "My note." in answer.content.decode()
    assert Autosave.objects.get(author=rosa).response == "Late text."


def test_a_fix_is_autosaved_and_goes_on_where_it_stopped(client, rosa, review):
    client.force_login(rosa)
    client.get("/p/demo/quality/")
    token = Lease.objects.get(holder=rosa).token

    saved = client.post(
        f"/p/demo/review/{token}/autosave/",
        {"base_revision": 0, **texts(review, "Half a sen")},
    )
    page = client.get("/p/demo/quality/").content.decode()

    assert saved.json()["revision"] == 1
    assert "Half a sen</textarea>" in page
    assert 'id="fix" open' in page


@pytest.mark.parametrize("state", [PairState.REVIEWED, PairState.IN_QUALITY])
def test_a_blind_judge_sees_neither_author_nor_draft(
    client, project, rosa, review, state
):
    project.blind_author = project.blind_arm = True
    project.save()
    client.force_login(rosa)
    pages = []
    if state == PairState.IN_QUALITY:
        pages.append(client.get("/p/demo/quality/"))
    pages += [
        client.get(f"/p/demo/pairs/{review.pair_id}/"),
        client.get("/p/demo/pairs/?state=reviewed"),
        client.get("/p/demo/pairs/?state=in_quality"),
    ]

    for answer in pages:
        main = answer.content.decode().split('<main id="main"')[1]
        # What a filter offers is the same for every pair.
        offers = r'<form class="panel filters".*?</form>|<option .*?</option>'
        shown = re.sub(offers, "", main, flags=re.DOTALL)
        shown = shown.replace("@annabel", "")
        assert "annabel" not in shown
        assert "the draft" not in shown
        assert "got its draft" not in shown
    row = f"/p/demo/pairs/{review.pair_id}/"
    coach = review.draft.coach_id
    for told in (
        "person=annabel",
        f"coach={coach}",
        f"by_coach={coach}",
        f"decision={review.decision}",
        "step=drafted",
    ):
        assert row not in client.get(f"/p/demo/pairs/?{told}").content.decode(), told


def test_the_veil_falls_with_the_verdict_and_was_never_over_the_author(
    client, project, anna, rosa, review
):
    project.blind_author = project.blind_arm = True
    project.save()
    address = f"/p/demo/pairs/{review.pair_id}/"
    client.force_login(anna)
    own = client.get(address).content.decode()
    judge(client, project, rosa, action="accept")
    after = client.get(address).content.decode()

    assert "accepted the draft as is" in own
    assert "<strong>annabel</strong> accepted the draft as is" in after


def test_without_blindness_the_desk_names_the_author(client, rosa, review):
    client.force_login(rosa)

    page = client.get("/p/demo/quality/").content.decode()

    assert "<strong>annabel</strong> accepted the draft as is" in page


def test_units_are_made_and_filled_on_their_page(client, project, anna, rosa):
    ada = factories.make_member(project, Role.ADMIN, "ada")
    client.force_login(ada)

    def post(**sent):
        return client.post("/p/demo/units/", sent)

    made = post(action="add", name="Law", owner=rosa.pk)
    unit = Unit.objects.get()
    membership = anna.memberships.get()
    post(action="place", membership=membership.pk, unit=unit.pk)
    taken = post(action="add", name="Law")
    wrong = post(action="change", unit=unit.pk, name="Law", owner=anna.pk)
    post(action="change", unit=unit.pk, name="Laws", owner="")

    membership.refresh_from_db()
    unit.refresh_from_db()
    assert made.status_code == 302
    assert membership.unit == unit
    assert (unit.name, unit.owner) == ("Laws", None)
    assert taken.status_code == wrong.status_code == 422
    assert "called Law already" in taken.content.decode()
    assert post(action="place", membership="x").status_code == 404
    post(action="place", membership=membership.pk, unit="")
    post(action="remove", unit=unit.pk)
    assert not Unit.objects.exists()


def test_a_lead_sees_the_effect_and_then_accepts_in_bulk(client, project, anna, review):
    for _ in range(3):
        factories.review(project, anna)
    lia = factories.make_member(project, Role.LEAD, "lia")
    client.force_login(lia)

    shown = client.get("/p/demo/quality/bulk/?threshold=-0.5&audit_share=0.25")
    until = shown.context["seen_until"]
    done = client.post(
        "/p/demo/quality/bulk/",
        {"threshold": "-0.5", "audit_share": "0.25", "until": until},
        follow=True,
    )

    assert "Accept about 3 from -0.50 on" in shown.content.decode()
    deed = BulkAcceptance.objects.get()
    page = done.content.decode()
    assert f"{deed.accepted} reviews are accepted, {deed.audited} wait" in page
    assert "too few audits are judged to tell" in page
    again = client.post(
        "/p/demo/quality/bulk/", {"threshold": "-0.5", "audit_share": "0.25"}
    )
    assert again.status_code == 422


def test_the_page_says_when_a_bulk_should_not_be_trusted(client, project, anna, rosa):
    lia = factories.make_member(project, Role.LEAD, "lia")
    deed = BulkAcceptance.objects.create(
        project=project, actor=lia, threshold=-0.5, audit_share=0.5, accepted=70
    )
    for _ in range(4):
        review = factories.review(project, anna)
        review.audit_of = deed
        review.save()
        lease = factories.claim(project, rosa, Stage.QUALITY)
        quality.send_back(token=lease.token, person=rosa, reason="unsafe")
        review.pair.refresh_from_db()
        review.pair.reserved_for = rosa
        review.pair.save()
    client.force_login(lia)

    page = client.get("/p/demo/quality/bulk/").content.decode()

    assert "Of the 4 judged audits of the bulk from -0.50 on, 4 were" in page
    assert "should not be trusted, and its 70 reviews" in page


def test_an_empty_desk_says_where_the_other_pairs_are(client, project, rosa):
    client.force_login(rosa)
    factories.claim(project, factories.make_member(project, Role.ANNOTATOR, "ben"))

    page = client.get("/p/demo/quality/").content.decode()

    in_review, ready = '<th scope="row">In review</th>', "Ready for review</th>"
    assert f'{in_review}<td class="number">1</td><td></td>' in page
    link = '<a href="/p/demo/review/">5 for you to review</a>'
    assert f'{ready}<td class="number">5</td><td class="note">{link}</td>' in page


def test_the_leads_table_of_people(client, project, anna, rosa, review):
    judge(client, project, rosa, action="accept")
    lia = factories.make_member(project, Role.LEAD, "lia")
    client.force_login(lia)

    answer = client.get("/p/demo/quality/people/")

    lines = {
        name.text: dict(zip(("judged", "passed", "share", "rate"), found, strict=True))
        for name, _unit, *found in (
            [*row[:4], *row[6:]] for row in answer.context["table"].rows
        )
    }
    annabel = {name: cell.text for name, cell in lines["annabel"].items()}
    assert annabel == {"judged": "1", "passed": "1", "share": "100", "rate": "100"}
    assert lines["rosa"]["share"].value is None


def test_screens_keep_their_query_budgets(
    client, project, anna, rosa, review, django_assert_max_num_queries
):
    for number in range(5):
        factories.make_member(project, Role.ANNOTATOR, f"p{number}")
    lia = factories.make_member(project, Role.ADMIN, "lia")
    client.force_login(lia)

    for name, limit in {
        "quality/": 31,
        "quality/people/": 9,
        "quality/bulk/": 10,
        "units/": 9,
        "review/feedback/": 8,
    }.items():
        with django_assert_max_num_queries(limit):
            assert client.get(f"/p/demo/{name}").status_code == 200


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_quality_figures_in_the_api_are_for_leads(client, project, role):
    client.force_login(factories.make_member(project, role, "someone"))

    answers = [
        client.get(f"/api/projects/demo/{path}/")
        for path in ("quality/people", "quality/bulk", "units")
    ]
    answers.append(client.post("/api/projects/demo/quality/bulk/", {"threshold": -1}))

    assert {answer.status_code for answer in answers} == {403}


def test_the_api_has_all_that_the_pages_show(client, project, anna, review):
    lia = factories.make_member(project, Role.LEAD, "lia")
    unit = Unit.objects.create(project=project, name="Law", owner=lia)
    anna.memberships.update(unit=unit)
    client.force_login(lia)

    people = client.get("/api/projects/demo/quality/people/").json()
    units = client.get("/api/projects/demo/units/").json()
    before = client.get("/api/projects/demo/quality/bulk/").json()
    done = client.post(
        "/api/projects/demo/quality/bulk/",
        {"threshold": -0.5, "audit_share": 1},
        content_type="application/json",
    )
    after = client.get("/api/projects/demo/quality/bulk/").json()

    annas = next(line for line in people if line["person"] == "annabel")
    assert (annas["unit"], annas["sampling_rate"], annas["pass_share"]) == (
        "Law",
        1.0,
        None,
    )
    assert units == [
        {"id": unit.pk, "name": "Law", "owner": "lia", "members": ["annabel"]}
    ]
    assert before["waiting"][0]["waiting"] == 1
    assert done.status_code == 201
    assert done.json()["audited"] == 1
    assert after["earlier"][0]["trust"] == "unknown"
