"""Where a person can go: the groups of a project's pages, and the other projects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from django.template import Context, Library
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from annotator import policies
from annotator.models import Project, User
from annotator.selectors import entered, progress
from annotator.web import whom_to_ask

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

register = Library()
"""For templates: `{% load navigation %}`."""
FEW = 6
"""Up to so many links stand in one row; more are grouped."""

BELOW_A_PROJECT = re.compile(r"/p/(?P<slug>[-\w]+)/")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of every project: its address' name, the deed that opens it (empty: any
    member), and the names of what lies below it."""

    name: str
    label: StrPromise
    deed: str = ""
    below: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A page that the person may open; `current` is a value of aria-current."""

    name: str
    label: StrPromise
    url: str
    current: str


@dataclass(frozen=True, slots=True)
class Group:
    """Pages of one kind."""

    label: StrPromise
    links: Sequence[Link]

    @property
    def is_current(self) -> bool:
        return any(link.current for link in self.links)


GROUPS: Sequence[tuple[StrPromise, Sequence[Page]]] = (
    (
        pgettext_lazy("group of pages", "Work"),
        (
            Page("project", _("Overview")),
            Page("review", _("Review"), "annotate", ("review-feedback",)),
            Page("quality", _("Quality"), "judge"),
            Page("quality-people", _("Reviewers"), "see_stats"),
            Page("quality-bulk", _("Accept in bulk"), "accept_in_bulk"),
            Page("adjudication", _("Adjudication"), "adjudicate", ("adjudicate",)),
            Page("mine", _("My work"), "annotate"),
            Page("guidelines", _("Guidelines")),
        ),
    ),
    (
        pgettext_lazy("group of pages", "Data"),
        (
            Page("pairs", _("Pairs"), "", ("pair",)),
            Page("batches", _("Batches"), "import_", ("batch", "batch-mapping")),
            Page(
                "rules",
                _("Rules"),
                "import_",
                ("rule", "rules-run", "rules-log", "rules-trial", "rules-proposals"),
            ),
            Page("rewrites", _("Rewrites"), "revise", ("rewrite",)),
            Page("export", _("Export"), "export"),
        ),
    ),
    (
        pgettext_lazy("group of pages", "Coach"),
        (
            Page(
                "coaches",
                _("Coaches"),
                "see_setup",
                (
                    "coach",
                    "run",
                    "runs-compare",
                    "auditions",
                    "audition",
                    "backbones",
                    "backbone",
                    "coach-upload",
                ),
            ),
            Page("run-prepare", _("New run"), "train", ("run-new",)),
        ),
    ),
    (
        pgettext_lazy("group of pages", "Insights"),
        (
            Page("stats", _("Stats"), "see_stats"),
            Page("gain", _("Gain"), "see_stats"),
            Page("reports", _("Reports"), "see_stats", ("report",)),
            Page(
                "dataset-reports",
                _("Dataset reports"),
                "see_stats",
                ("dataset-report",),
            ),
            Page("coach-studies", _("Coach studies"), "see_setup", ("coach-study",)),
            Page("model-studies", _("Model studies"), "see_setup", ("model-study",)),
            Page(
                "ratings",
                _("Blind ratings"),
                "see_stats",
                ("rating", "dataset-report-raters", "model-study-raters"),
            ),
            Page("agreement", _("Agreement"), "see_stats"),
            Page("signs", _("Signs"), "see_stats"),
            Page("drift", _("Drift"), "see_stats"),
        ),
    ),
    (
        pgettext_lazy("group of pages", "Admin"),
        (
            Page("members", _("Members"), "see_setup"),
            Page("units", _("Units"), "see_setup"),
            Page("project-settings", _("Settings"), "see_setup"),
            Page("project-end", _("Archive, copy, delete"), "dispose"),
        ),
    ),
)


def groups(slug: str, may: dict[str, bool], here: str = "") -> list[Group]:
    """The pages of a project that these permissions open; `here`: the address' name."""
    found = [
        Group(label, [_link(slug, page, here) for page in pages if _opens(page, may)])
        for label, pages in GROUPS
    ]
    return [group for group in found if group.links]


def _opens(page: Page, may: dict[str, bool]) -> bool:
    return not page.deed or bool(may.get(page.deed))


def _link(slug: str, page: Page, here: str) -> Link:
    current = "page" if here == page.name else "true" if here in page.below else ""
    return Link(page.name, page.label, reverse(page.name, args=[slug]), current)


def every_page(project: Project, user: User) -> Iterator[tuple[Group, Link]]:
    """All pages of a project that a person may open."""
    for group in groups(project.slug, progress.capabilities(user, project)):
        for link in group.links:
            yield group, link


@dataclass(frozen=True, slots=True)
class Navigation:
    """What the bar shows: groups, or a few links in one row, and the projects."""

    groups: Sequence[Group]
    projects: Sequence[Project]

    @property
    def is_flat(self) -> bool:
        return sum(len(group.links) for group in self.groups) <= FEW

    @property
    def links(self) -> list[Link]:
        return [link for group in self.groups for link in group.links]

    @property
    def group(self) -> Group | None:
        """The one that the page is in."""
        return next((group for group in self.groups if group.is_current), None)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> Navigation:
    """Asked by base.html alone, so that parts of a page cost no query."""
    request: HttpRequest = context["request"]
    project, may = context.get("project"), context.get("may") or {}
    here = getattr(request.resolver_match, "url_name", "") or ""
    return Navigation(
        groups=groups(project.slug, may, here) if project else [],
        projects=entered.switchable(cast(User, request.user)) if project else [],
    )


def of_refusal(request: HttpRequest) -> dict[str, object]:
    """What an error page needs to keep the navigation: the project of the address, for
    its members, and whom to ask there. Empty elsewhere."""
    # By the path: what is not found may have matched no address.
    found = BELOW_A_PROJECT.match(request.path_info)
    user = getattr(request, "user", None)
    if not found or not (user and user.is_authenticated):
        return {}
    project = Project.objects.filter(slug=found["slug"]).first()
    if project is None or policies.role_of(user, project) is None:
        return {}
    return {
        "project": project,
        "may": progress.capabilities(user, project),
        "to_ask": whom_to_ask.named(entered.in_charge(project)),
    }
