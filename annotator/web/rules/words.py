"""Rules and their settings in people's words."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from annotator.formats.rules import registry
from annotator.models import ProjectRule, RuleRun

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

WAYS = {
    ProjectRule.Way.TAG: _("tag it"),
    ProjectRule.Way.PROPOSE: _("propose to a lead"),
    ProjectRule.Way.AT_ONCE: _("exclude at once"),
}
"""What becomes of a pair that a rule would exclude."""
RULES: dict[str, tuple[StrPromise, StrPromise]] = {
    "normalise": (
        _("Normalise"),
        _(
            "fixes what cannot be seen: Unicode forms, line ends, blanks, "
            "zero-width signs"
        ),
    ),
    "personal": (
        _("Personal data"),
        _("masks addresses, numbers and keys that tell who somebody is"),
    ),
    "language": (_("Language"), _("tags it, and tells a foreign one")),
    "length": (_("Length"), _("tells what is too short or too long")),
    "placeholder": (
        _("Placeholders and links"),
        _("tags gaps that were never filled in, and links to nowhere"),
    ),
    "safety": (_("Safety words"), _("tells a word of the project's own list")),
    "workload": (
        _("Workload and media"),
        _("tells tasks in bulk, and those about a picture, a sound or a page"),
    ),
    "same": (
        _("The same"),
        _("compares all pairs, without case, blanks and punctuation"),
    ),
    "alike": (_("Nearly the same"), _("compares all pairs by what they share")),
}
"""Title, and what it does."""
SETTINGS: dict[str, dict[str, tuple[StrPromise, StrPromise | str]]] = {
    "normalise": {
        "unicode_nfc": (_("one Unicode form (NFC)"), ""),
        "line_ends": (_("one kind of line end"), ""),
        "trailing_blanks": (
            _("no blanks at the end of a line"),
            _("Two blanks before a further line are a break of Markdown, and stay."),
        ),
        "zero_width": (
            _("no zero-width signs"),
            _("Those that Hindi, Persian, Thai and emoji need stay."),
        ),
        "most_blank_lines": (_("blank lines in a row, at most"), _("0 leaves all.")),
    },
    "personal": {
        "secret": (_("keys and tokens"), "[SECRET]"),
        "email": (_("e-mail addresses"), "[EMAIL]"),
        "iban": (_("bank accounts (IBAN)"), "[IBAN]"),
        "chinese_id": (_("Chinese identity numbers"), "[ID_NUMBER]"),
        "card": (_("payment cards"), "[CARD]"),
        "ip": (_("public IP addresses"), "[IP]"),
        "phone": (_("telephone numbers"), "[PHONE]"),
        "phone_regions": (
            _("countries whose numbers stand without + and code"),
            _("Two capitals a line, such as CN."),
        ),
    },
    "language": {
        "wanted": (
            _("languages that are wanted"),
            _("A code a line, such as en or zh. None: all are."),
        ),
        "least_sure": (
            _("how sure it must be that none of them is it"),
            _("0 to 1."),
        ),
        "least_words": (
            _("words that a text must have"),
            _("Of a shorter one nothing is said. A Chinese sign is a word."),
        ),
    },
    "length": {
        "least_instruction": (_("least characters of an instruction"), _("0: any.")),
        "least_response": (_("least characters of a response"), _("0: any.")),
        "most_instruction": (_("most characters of an instruction"), _("0: any.")),
        "most_response": (_("most characters of a response"), _("0: any.")),
        "most_tokens": (
            _("most tokens of a pair"),
            _("Estimated: a model's own count may differ by a third. 0: any."),
        ),
    },
    "placeholder": {
        "gaps": (_("gaps such as {name} or [INSERT TEXT]"), ""),
        "links": (_("links to nowhere"), ""),
    },
    "safety": {
        "words": (_("words"), _("One a line, or some that belong together.")),
        "in_response": (_("in the response, too"), ""),
    },
    "workload": {
        "most_words": (_("words that a task may ask for"), _("0: any.")),
        "most_pieces": (_("poems, letters, examples … it may ask for"), _("0: any.")),
        "media": (_("pictures, sound and film that are not there"), ""),
        "links": (_("pages that are to be read"), ""),
    },
    "same": {
        "with_response": (
            _("with the response"),
            _("Otherwise one question with two answers is the same."),
        ),
    },
    "alike": {
        "least_alike": (
            _("share that two pairs have in common, at least"),
            _("0.5 to 1, of all runs of three words or four signs."),
        ),
        "with_response": (_("with the response"), ""),
    },
}
SIGNS: dict[str, str] = {
    RuleRun.State.WAITING: "queued",
    RuleRun.State.RUNNING: "training",
    RuleRun.State.UNDOING: "training",
    RuleRun.State.DONE: "ready",
    RuleRun.State.FAILED: "failed",
    RuleRun.State.CANCELLED: "cancelled",
    RuleRun.State.UNDONE: "cancelled",
}
"""The colour of a state's dot, among those there are."""


def title(key: str) -> Any:
    """A rule's name; of a team's own its key."""
    return RULES[key][0] if key in RULES else key.replace("_", " ")


def about(key: str) -> Any:
    """What a rule does; of a team's own the first line of its docstring."""
    if key in RULES:
        return RULES[key][1]
    rule = registry.known().rules.get(key)
    if rule is None:
        return _("its package is not installed any more")
    told = inspect.getdoc(rule) or ""
    return told.partition("\n")[0]


def setting(key: str, name: str) -> tuple[Any, Any]:
    """The label of a setting, and a word of help."""
    return SETTINGS.get(key, {}).get(name, (name.replace("_", " "), ""))
