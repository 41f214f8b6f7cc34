"""An adapter pushed to a hub: the folder that a download holds, as a commit."""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from revision_engine.saying import gettext
from training.models import CoachVersion
from training.services import packing

LIBRARY = "huggingface_hub"


class NotPushed(Exception):
    """The hub did not take it; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Where adapters go, and by whose leave."""

    repository: str
    """`name/of-it`."""
    token: str = field(repr=False)
    endpoint: str = ""
    """Address of another hub than the library's own."""
    is_private: bool = True
    """Of a repository that is made by a push."""


def is_installed() -> bool:
    return importlib.util.find_spec(LIBRARY) is not None


def push(coach: CoachVersion, hub: Hub) -> str:
    """Make the repository if it is not there, and commit the folder; the address of
    the commit. Safe to do twice: what is there is not sent again.

    NotPushed, or packing.NotPackable where there is no adapter that could go out.
    """
    if not is_installed():
        raise NotPushed(
            gettext("What a push needs is not installed here: run ./coachlm install.")
        )
    library = importlib.import_module(LIBRARY)
    errors = importlib.import_module(f"{LIBRARY}.errors")
    api = library.HfApi(endpoint=hub.endpoint or None, token=hub.token)
    with tempfile.TemporaryDirectory(prefix="coachlm-push-") as folder:
        packing.lay_out(coach, Path(folder))
        try:
            api.create_repo(hub.repository, private=hub.is_private, exist_ok=True)
            commit = api.upload_folder(
                repo_id=hub.repository,
                folder_path=folder,
                commit_message=f"{coach.name}, sha256 {coach.adapter_sha256[:12]}",
            )
        except errors.HfHubHTTPError as fault:
            raise NotPushed(_refused(hub, fault)) from None
        except (getattr(errors, "HTTPError", OSError), OSError) as fault:
            raise NotPushed(
                gettext("%(hub)s cannot be reached: %(fault)s.")
                % {"hub": _name(hub), "fault": _plain(hub, fault)}
            ) from None
        except ValueError as fault:  # a name that is none, among others
            raise NotPushed(_plain(hub, fault)) from None
    return str(commit.commit_url)


def _refused(hub: Hub, fault: Exception) -> str:
    """What a hub's refusal means to whoever has set it up."""
    code = getattr(getattr(fault, "response", None), "status_code", None)
    meaning = {
        401: gettext("it does not know the token of COACHLM_HUB_TOKEN"),
        403: gettext("that token may not write to %(repository)s"),
        404: gettext("it has no %(repository)s, or that token may not see it"),
        413: gettext("the adapter is too large for it"),
        429: gettext("it has had too many requests: push again later"),
    }
    known = meaning.get(code or 0, "") % {"repository": hub.repository}
    why = known or _plain(hub, fault)
    return gettext("%(hub)s refused: %(why)s.") % {"hub": _name(hub), "why": why}


def _name(hub: Hub) -> str:
    return hub.endpoint or gettext("The hub")


def _plain(hub: Hub, fault: Exception) -> str:
    """The first line of it, without the token."""
    lines = str(fault).strip().splitlines() or [type(fault).__name__]
    return lines[0].replace(hub.token, "…").rstrip(".")[:300]
