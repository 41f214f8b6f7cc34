"""Notices in people's words: made when they are shown or mailed, in the language of
whoever reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from annotator.domain.blind_ratings import Mode
from annotator.domain.news import Kind, Way
from annotator.models import Notice, User, Verdict
from annotator.selectors import inbox
from training.models import Evaluation

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

KINDS: dict[Kind, StrPromise] = {
    Kind.RETURNED: gettext_lazy("Reviews of mine that were sent back"),
    Kind.ACCEPTED: gettext_lazy("Each review of mine that was accepted by a person"),
    Kind.DAY: gettext_lazy("Once a day, how many reviews of mine were accepted"),
    Kind.MENTION: gettext_lazy("Comments that mention me"),
    Kind.REPLY: gettext_lazy("Replies in threads of mine"),
    Kind.SKIP: gettext_lazy("Answers to my skips"),
    Kind.JOB: gettext_lazy(
        "My imports, exports, rule runs, rewrites and comparisons that are done"
    ),
    Kind.FAILED: gettext_lazy(
        "My imports, exports, rule runs, rewrites and comparisons that failed or stand "
        "still"
    ),
    Kind.RUN: gettext_lazy("Training runs"),
    Kind.GATE: gettext_lazy("Decisions of the gate"),
    Kind.DRIFT: gettext_lazy("Drift alarms"),
    Kind.AUDIT: gettext_lazy("Audits of my acceptances in bulk"),
    Kind.RATE: gettext_lazy("Texts that I am asked to rate"),
    Kind.HOOK: gettext_lazy("Webhooks that were switched off"),
}
WAYS: dict[Way, StrPromise] = {
    Way.NONE: gettext_lazy("not at all"),
    Way.INBOX: gettext_lazy("inbox, no mail"),
    Way.DIGEST: gettext_lazy("inbox, and in the daily mail"),
    Way.AT_ONCE: gettext_lazy("inbox, and a mail at once"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldNotice:
    """One notice, ready to print. All of it is text: whoever prints it escapes it."""

    pk: int
    kind: Kind
    sentence: str
    more: str
    """A note, an excerpt or a problem, as somebody wrote it; may be empty."""
    project: str
    address: str
    """A path of this server."""
    at: datetime
    is_read: bool


def told(person: User, notices: Iterable[Notice]) -> list[ToldNotice]:
    """The person's notices, with names left out where they must not know them."""
    found = list(notices)
    nameless = inbox.nameless(person, found)
    return [_told(each, nameless=each.pk in nameless) for each in found]


def _told(notice: Notice, *, nameless: bool) -> ToldNotice:
    kind = Kind(notice.kind)
    who = notice.by.get_username() if notice.by else _("somebody")
    words = {
        **notice.said,
        "who": _("the author") if nameless else who,
        "pair": notice.number,
        "about": notice.about,
    }
    sentence, more = _WORDS[kind](words)
    return ToldNotice(
        pk=notice.pk,
        kind=kind,
        sentence=sentence,
        more=more,
        project=notice.project.name,
        address=address(notice),
        at=notice.at,
        is_read=notice.read_at is not None,
    )


_OF_A_PROJECT = {
    *(Notice.About.EXPORT, Notice.About.DRIFT, Notice.About.HOOK),
    *(Notice.About.REVIEWS, Notice.About.BULK),
}


def address(notice: Notice) -> str:
    """The path of the page that shows it."""
    args: list[object] = [notice.project.slug]
    if notice.about not in _OF_A_PROJECT:
        args.append(notice.number)
    anchor = "#comments" if notice.kind in (Kind.MENTION, Kind.REPLY) else ""
    return reverse(notice.about, args=args) + anchor


Said = dict[str, Any]


def _returned(said: Said) -> tuple[str, str]:
    reasons = dict(Verdict.Reason.choices)
    semicolon = pgettext("between parts of a line", "; ")
    words = semicolon.join(str(reasons.get(each, each)) for each in said["reasons"])
    sentence = _("%(who)s sent your review of pair %(pair)s back: %(reasons)s.")
    return sentence % {**said, "reasons": words}, said["note"]


def _accepted(said: Said) -> tuple[str, str]:
    if said["mended"]:
        sentence = _("%(who)s mended your review of pair %(pair)s and accepted it.")
    else:
        sentence = _("%(who)s accepted your review of pair %(pair)s.")
    return sentence % said, said["note"]


def _day(said: Said) -> tuple[str, str]:
    n, unseen = said["accepted"], said["unseen"]
    when = {"n": n, "day": date_format(date.fromisoformat(said["day"]))}
    sentence = ngettext(
        "%(n)s of your reviews was accepted on %(day)s.",
        "%(n)s of your reviews were accepted on %(day)s.",
        n,
    )
    if not unseen:
        return sentence % when, ""
    more = ngettext(
        "%(n)s of them without being looked at.",
        "%(n)s of them without being looked at.",
        unseen,
    )
    return f"{sentence % when} {more % {'n': unseen}}", ""


def _mention(said: Said) -> tuple[str, str]:
    return _("%(who)s mentioned you about pair %(pair)s.") % said, said["body"]


def _reply(said: Said) -> tuple[str, str]:
    return _("%(who)s replied to you about pair %(pair)s.") % said, said["body"]


def _skip(said: Said) -> tuple[str, str]:
    if said["answer"] == "queue":
        sentence = _("%(who)s put pair %(pair)s, which you skipped, back in the queue.")
    else:
        sentence = _("%(who)s excluded pair %(pair)s, which you skipped.")
    return sentence % said, said["note"]


def _job(said: Said) -> tuple[str, str]:
    return _JOBS[said["about"], said["state"]] % said, said["problem"] or _raw(said)


def _raw(said: Said) -> str:
    """Of a rewrite: how many of its rows the coach could not revise."""
    n = said.get("raw", 0)
    sentence = ngettext(
        "%(n)s row stays raw: the coach wrote nothing usable for it.",
        "%(n)s rows stay raw: the coach wrote nothing usable for them.",
        n,
    )
    return sentence % {"n": n} if n else ""


_JOBS: dict[tuple[str, str], StrPromise] = {
    ("batch", "done"): gettext_lazy("%(name)s is imported."),
    ("batch", "failed"): gettext_lazy("The import of %(name)s failed."),
    ("export", "done"): gettext_lazy("The export %(name)s is there."),
    ("export", "failed"): gettext_lazy("The export %(name)s failed."),
    ("dataset-report", "done"): gettext_lazy("The dataset report on %(name)s is made."),
    ("dataset-report", "failed"): gettext_lazy(
        "The dataset report on %(name)s failed."
    ),
    ("model-study", "done"): gettext_lazy("The model study %(name)s is done."),
    ("model-study", "failed"): gettext_lazy("The model study %(name)s failed."),
    ("coach-study", "done"): gettext_lazy("The coach study %(name)s is done."),
    ("coach-study", "failed"): gettext_lazy("The coach study %(name)s failed."),
    ("backbone", "done"): gettext_lazy("Backbone comparison %(pair)s is done."),
    ("backbone", "failed"): gettext_lazy("Backbone comparison %(pair)s failed."),
    ("rules-run", "done"): gettext_lazy("Rule run %(pair)s is done."),
    ("rules-run", "failed"): gettext_lazy("Rule run %(pair)s failed."),
    ("rules-run", "undone"): gettext_lazy("Rule run %(pair)s is put back."),
    ("rewrite", "done"): gettext_lazy("The dataset %(name)s is rewritten."),
    ("rewrite", "failed"): gettext_lazy("The rewrite of %(name)s failed."),
    ("rewrite", "silent"): gettext_lazy(
        "The rewrite of %(name)s stands still: nothing has come back for an hour. See "
        "whether an engine runs."
    ),
}


def _rate(said: Said) -> tuple[str, str]:
    sentences = {
        Mode.RATE: _("%(who)s asks you to rate texts from 0 to 100, blind."),
        Mode.COMPARE: _("%(who)s asks you which of two texts is better, blind."),
    }
    return sentences[Mode(said["mode"])] % said, ""


def _run(said: Said) -> tuple[str, str]:
    if said["state"] == "failed":
        return _("Training run %(pair)s failed.") % said, said["problem"]
    return _("Training run %(pair)s has made its coach.") % said, ""


def _gate(said: Said) -> tuple[str, str]:
    sentences = {
        Evaluation.Outcome.PROMOTE: _("The gate lets %(coach)s pass."),
        Evaluation.Outcome.HOLD: _("The gate holds %(coach)s: it cannot tell yet."),
        Evaluation.Outcome.REJECT: _("The gate rejects %(coach)s."),
    }
    return sentences[said["outcome"]] % said, ""


def _drift(said: Said) -> tuple[str, str]:
    alarms = said["alarms"]
    sentence = ngettext("%(n)s drift alarm rings.", "%(n)s drift alarms ring.", alarms)
    return sentence % {"n": alarms}, ""


def _audit(said: Said) -> tuple[str, str]:
    if "audited" in said:
        sentence = ngettext(
            "Your acceptance in bulk is audited: of %(audited)s review %(returned)s "
            "was sent back.",
            "Your acceptance in bulk is audited: of %(audited)s reviews %(returned)s "
            "were sent back.",
            said["audited"],
        )
        return sentence % said, ""
    sentence = _(
        "%(who)s sent pair %(pair)s back, which was kept to audit your acceptance in "
        "bulk."
    )
    return sentence % said, ""


def _hook(said: Said) -> tuple[str, str]:
    sentence = _("The webhook was switched off after %(failures)s failed calls.")
    return sentence % said, said["problem"]


_WORDS: dict[Kind, Callable[[Said], tuple[str, str]]] = {
    Kind.RETURNED: _returned,
    Kind.ACCEPTED: _accepted,
    Kind.DAY: _day,
    Kind.MENTION: _mention,
    Kind.REPLY: _reply,
    Kind.SKIP: _skip,
    Kind.JOB: _job,
    Kind.FAILED: _job,
    Kind.RATE: _rate,
    Kind.RUN: _run,
    Kind.GATE: _gate,
    Kind.DRIFT: _drift,
    Kind.AUDIT: _audit,
    Kind.HOOK: _hook,
}
