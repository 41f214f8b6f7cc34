"""The desk keeps every text whole: any script, any line ends, any keyboard."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from annotator.domain.diffs import word_diff
from annotator.domain.hunks import Outcome, lay
from annotator.domain.roles import Role
from annotator.domain.tokens import word_count
from annotator.models import Draft, HunkDecision, Pair, Review
from annotator.services import drafting
from revision_engine.types import DraftResult, PairText
from tests import factories
from tests.browser.waits import steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLE = json.loads((Path(__file__).parents[1] / "texts.json").read_text("utf-8"))


def draft(project, texts: Sequence[tuple[str, str]]) -> None:
    """Pairs with these responses, and these drafts of them."""
    drafts = {f"Number {n}.": after for n, (_, after) in enumerate(texts)}
    rows = [
        {"instruction": f"Number {n}.", "output": before}
        for n, (before, _) in enumerate(texts)
    ]
    factories.import_rows(project, rows)
    while batch := drafting.take_batch(project):
        results = [
            DraftResult(
                key=request.key,
                text=PairText(
                    instruction=request.text.instruction,
                    response=drafts[request.text.instruction],
                ),
            )
            for request in batch.requests
        ]
        drafting.store(coach_id=batch.coach.pk, results=results)


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    for role in Role:
        factories.make_member(project, role)
    return project


@pytest.fixture
def desk(enter, live_server, project):
    """Open the desk on one pair: a raw response and its draft."""

    def desk(before: str, after: str, **context) -> Page:
        draft(project, [(before, after)])
        page = enter("annotator", **context)
        page.goto(f"{live_server.url}/p/demo/review/")
        steady(page)
        return page

    return desk


def module(page: Page, name: str) -> str:
    """The address of one of the desk's modules."""
    return page.evaluate(
        "name => performance.getEntriesByType('resource').map(e => e.name)"
        ".find(url => new RegExp(`/js/${name}(\\\\.\\\\w+)?\\\\.js`).test(url))",
        name,
    )


def mixes(row: dict[str, str]) -> list[dict]:
    """Some mixes of decisions about a row's change, as the server reads them."""
    hunks = word_diff(row["text"], row["changed"])
    changes = [n for n, hunk in enumerate(hunks) if hunk.kind != "equal"]
    made = []
    for rejected in (set(), set(changes), set(changes[::2]), set(changes[1::2])):
        final = "".join(
            hunk.before if n in rejected else hunk.after for n, hunk in enumerate(hunks)
        )
        pieces = lay(hunks, final)
        decided = [str(p.outcome) for p in pieces if p.outcome]
        hunk = [int(p.outcome not in (None, Outcome.OWN)) for p in pieces]
        sides = [
            [p.before, p.after, p.final, n] for p, n in zip(pieces, hunk, strict=True)
        ]
        made.append({"json": json.dumps(sides), "final": final, "outcomes": decided})
    return made


# Types each sign of one text over each of another, after each mix of decisions; says
# what is not as it must be.
TYPES_SIGNS = """async ([pieces, rows]) => {
  const P = await import(pieces);
  const segmenter = new Intl.Segmenter("und", {granularity: "grapheme"});
  const signs = (text) => Array.from(segmenter.segment(text), (one) => one.segment);
  const faults = [];
  let typed = 0;
  const look = (what, now, wanted) => {
    if (P.text(now) !== wanted) faults.push(`${what}: the pieces are not the text`);
    const sides = now.flatMap((piece) => [piece.before, piece.after, piece.now]);
    for (const side of sides) if (!side.isWellFormed() || side.includes("\\ufffd"))
      faults.push(`${what}: half a sign in ${JSON.stringify(side)}`);
  };
  const others = rows.flatMap(({text}) => signs(text).slice(0, 3));
  for (const {name, mixes} of rows) for (const {json, final, outcomes} of mixes) {
    const start = P.read(json);
    const unix = final.replace(/\\r\\n?/g, "\\n");
    look(name, start, unix);
    const read = start.map(P.outcome).filter(Boolean);
    if (String(read) !== String(outcomes))
      faults.push(`${name}: ${read} for ${outcomes}`);
    const there = signs(unix);
    const step = Math.ceil(there.length / 40);
    for (let at = 0; at < there.length; at += step) {
      const now = there.with(at, others[(typed * 7) % others.length]);
      const caret = now.slice(0, at + 1).join("").length;
      const after = P.typed(start, now.join(""), caret);
      look(name, after, now.join(""));
      for (const piece of after.filter(P.outcome)) {
        const undone = {...piece, now: piece.before};
        const taken = after.map((one) => one === piece ? undone : one);
        look(name, taken, P.text(taken));
      }
      typed += 1;
    }
  }
  return [typed, faults];
}"""


def test_signs_of_all_scripts_are_typed_accepted_and_rejected_whole(desk):
    page = desk("ze cat", "the cat")
    rows = [{**row, "mixes": mixes(row)} for row in TABLE]

    typed, faults = page.evaluate(TYPES_SIGNS, [module(page, "pieces"), rows])

    assert faults == []
    assert typed > 1000


@pytest.mark.parametrize("segmenter", ["there", "missing"])
def test_words_and_borders_are_those_of_the_server(desk, segmenter):
    page = desk("ze cat", "the cat")
    if segmenter == "missing":
        page.add_init_script("delete Intl.Segmenter")
        page.reload()

    found = page.evaluate(
        """async ([signs, texts]) => {
          const S = await import(signs);
          return texts.map((text) => [S.wordCount(text), Array.from(
            {length: text.length + 1}, (_, n) => n).filter(
            (n) => S.borderBefore(text, n) === n && S.borderAfter(text, n) === n)]);
        }""",
        [module(page, "signs"), [row["text"] for row in TABLE]],
    )

    for row, (words, borders) in zip(TABLE, found, strict=True):
        assert words == word_count(row["text"]) == row["words"], row["name"]
        wide = row["text"].encode("utf-16-le", "surrogatepass")
        cut = zip([0, *borders], [*borders, len(wide) // 2], strict=True)
        parts = [wide[2 * a : 2 * b].decode("utf-16-le") for a, b in cut]
        assert "".join(parts) == row["text"], row["name"]


def test_an_emoji_typed_over_another_is_saved_whole(desk):
    raw = "Summer is here 😀 and ze sea is warm 🌊."
    page = desk(raw, raw.replace("ze", "the"))
    page.focus("#text-response")
    page.evaluate("document.activeElement.setSelectionRange(15, 17)")
    page.keyboard.insert_text("😃")
    page.keyboard.press("Escape")

    page.keyboard.press("n")
    page.keyboard.press("r")
    rejected = page.input_value("#text-response")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#text-response")).to_have_count(0)

    assert rejected == Review.objects.get().response == raw.replace("ze", "the")


def test_a_vowel_sign_is_marked_with_its_consonant(desk):
    page = desk("मेरी हिंदि किताबे मेज़ पर हैं।", "मेरी हिंदी किताबे मेज़ पर हैं।")

    part = page.locator("[aria-label=Response]")

    expect(part.locator(".marks ins")).to_have_text("हिंदी")
    expect(part.locator(".tally")).to_have_text("+1 −1 words")


def test_line_ends_that_were_stored_before_cost_no_text(desk, live_server):
    page = desk("Dear all,\n\nze meeting\nis on Monday.\nBest", "Dear all,\n\nend")
    raw = "Dear all,\r\n\r\nze meeting\r\nis on Monday.\rBest"
    Pair.objects.update(response=raw)
    Draft.objects.update(response=raw.replace("ze", "the"))
    page.reload()
    steady(page)
    unix = "Dear all,\n\nze meeting\nis on Monday.\nBest"

    page.locator("[aria-label=Response] .beside .hunk del").first.click()
    rejected = page.input_value("#text-response")
    page.locator("[aria-label=Response] .beside .hunk del").first.click()
    accepted = page.input_value("#text-response")
    page.locator("[aria-label=Response] [data-restore=raw]").click()
    page.locator("[aria-label=Response] .beside .hunk del").first.click()

    assert rejected == unix
    assert accepted == page.input_value("#text-response") == unix.replace("ze", "the")


def test_decisions_are_stored_as_they_stood_on_the_desk(desk):
    page = desk("Tom eats. a a", "a Tom eats. a")
    page.locator("[aria-label=Response] [data-restore=raw]").click()
    shown = page.evaluate(
        "[...document.querySelectorAll('[aria-label=Response] .beside .hunk')]"
        ".map((hunk) => hunk.classList[1])"
    )
    page.focus("#text-response")

    page.keyboard.press("Control+Enter")
    expect(page.locator("#text-response")).to_have_count(0)

    stored = HunkDecision.objects.filter(field="response").order_by("number")
    assert shown == list(stored.values_list("outcome", flat=True)) == ["rejected"] * 2


MIXED = (
    "Answer in Hebrew, ze usual way:\nבוקר טוב עולם, מה שלומך היום.\n"
    "Second ze line.\nשורה אחרונה ze בעברית. 12 (abc)\nالولد كتب ze الدرس.\nEnd."
)
ONE_LAYER = """(layer) => {
  const part = document.querySelector("[aria-label=Response]");
  const [marks, text] = [part.querySelector(".marks"), part.querySelector("textarea")];
  for (const mark of marks.querySelectorAll("ins")) mark.style.all = "unset";
  text.spellcheck = false;
  part.querySelector(".editor").style.background = "white";
  for (const one of [marks, text]) {
    one.style.color = "black";
    one.style.background = "none";
    one.style.borderColor = "transparent";
    one.style.visibility = one.matches(layer) ? "visible" : "hidden";
  }
}"""


def most_different(one: bytes, other: bytes) -> int:
    """The largest difference of two pictures at any point: 255 is ink beside paper."""
    drawn = [Image.open(io.BytesIO(each)).convert("L") for each in (one, other)]
    _, most = ImageChops.difference(*drawn).getextrema()
    return most


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_marks_lie_under_their_words_in_lines_of_two_directions(desk, width, scheme):
    page = desk(
        MIXED,
        MIXED.replace("ze", "the").replace("היום", "אתמול"),
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    editor = page.locator("[aria-label=Response] .editor")

    page.evaluate(ONE_LAYER, ".marks")
    marks = editor.screenshot()
    page.evaluate(ONE_LAYER, "textarea")
    text = editor.screenshot()

    # A run that a mark divides may be drawn a fraction of a pixel beside the whole one.
    assert most_different(marks, text) < 128
    bidi = page.evaluate(
        """() => ["beside", "inline"].map((view) => getComputedStyle(
          document.querySelector(`[aria-label=Response] .${view}`)).unicodeBidi)"""
    )
    assert bidi == ["plaintext", "plaintext"]


PRESSES = {
    "Latin": [("n", "KeyN", "n"), ("N", "KeyN", "n"), ("?", "Slash", "?")],
    "Dvorak": [("n", "KeyL", "n"), (",", "KeyW", ""), ("?", "BracketLeft", "?")],
    "French": [
        ("a", "KeyQ", "a"),
        ("w", "KeyZ", "w"),
        ("&", "Digit1", "1"),
        ("é", "Digit2", "2"),
        ("1", "Digit1", "1"),
        ("?", "KeyM", "?"),
    ],
    "German": [("y", "KeyZ", "y"), ("ö", "Semicolon", ""), ("?", "Minus", "?")],
    "Russian": [("т", "KeyN", "n"), ("Ф", "KeyA", "a"), ("?", "Digit7", "?")],
    "Hebrew": [("מ", "KeyN", "n"), ("'", "KeyW", "w"), ("ש", "KeyA", "a")],
    "Arabic": [("ى", "KeyN", "n"), ("لا", "KeyB", "b"), ("١", "Digit1", "1")],
    "Arabic question": [("؟", "Slash", "?")],
    "Greek": [("ν", "KeyN", "n"), ("ς", "KeyW", "w"), ("Dead", "Semicolon", "")],
    "Hindi": [("ल", "KeyN", "n"), ("्", "KeyD", "d"), ("क्ष", "KeyN", "n")],
    "Thai": [("ื", "KeyN", "n"), ("ๅ", "Digit1", "1")],
    "Korean": [("ㅁ", "KeyA", "a")],
    "accents": [("Dead", "KeyN", "n"), ("Process", "KeyN", "n")],
    "no keys": [("Shift", "ShiftLeft", ""), ("F1", "F1", ""), ("End", "Numpad1", "")],
}
# Presses one key and says which entry of the registry it was.
PRESS = """([key, code]) => {
  let found = "";
  const stop = (event) => {
    found = event.target.closest("[data-key]")?.dataset.key ?? found;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.activeElement.blur();
  window.addEventListener("click", stop, true);
  const shiftKey = key === "?" && code === "Slash" || key === "Ф";
  const how = {key, code, shiftKey, bubbles: true, cancelable: true};
  document.body.dispatchEvent(new KeyboardEvent("keydown", how));
  window.removeEventListener("click", stop, true);
  const sheet = document.getElementById("keys-sheet");
  if (sheet.open) { sheet.close(); return "?"; }
  return found || (document.activeElement.dataset.key ?? "");
}"""


def test_shortcuts_work_on_every_keyboard_layout(desk):
    page = desk("ze cat", "the cat")
    page.wait_for_timeout(600)

    for layout, presses in PRESSES.items():
        for key, code, wanted in presses:
            found = page.evaluate(PRESS, [key, code])

            assert found == wanted, f"{layout}: {key} at {code}"
