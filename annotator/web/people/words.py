"""What the people page says of each."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from annotator.domain.roles import Role
from annotator.formats.tables import Cell, Head, Table
from annotator.models import User
from annotator.selectors.people import Listed
from annotator.web import labels, moments, punctuation


def table(listed: Sequence[Listed]) -> Table:
    return Table(
        caption=_("People, their roles, and their accounts"),
        heads=[
            Head(_("Person"), is_text=True),
            Head(_("Roles"), is_text=True),
            Head(_("Second factor"), is_text=True),
            Head(_("Last seen"), is_text=True),
            Head(_("Account"), is_text=True),
        ],
        rows=[_row(each) for each in listed],
        looks=["" if each.person.is_active else "closed" for each in listed],
        empty=_("Nobody is called so."),
    )


def _row(listed: Listed) -> list[Cell]:
    person = listed.person
    return [
        Cell(
            person.full_name,
            href=reverse("person", args=[person.pk]),
            below=person.username if person.full_name != person.username else "",
            note=_("superuser") if person.is_superuser else "",
        ),
        Cell(_roles(listed) or None),
        Cell(
            pgettext("second factor", "yes")
            if listed.has_factor
            else pgettext("second factor", "no")
        ),
        Cell(_seen(person)),
        Cell(_account(person), state="active" if person.is_active else "closed"),
    ]


def _account(person: User) -> str:
    if person.is_active:
        return pgettext("account", "open")
    return pgettext("account", "closed")


def _roles(listed: Listed) -> str:
    return punctuation.listed(
        f"{held.project.name}{punctuation.colon()}{labels.ROLES[Role(held.role)]}"
        for held in listed.memberships
    )


def _seen(person: User) -> str | None:
    seen = max(filter(None, (person.seen_at, person.last_login)), default=None)
    return moments.at(seen) if seen else None
