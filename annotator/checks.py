"""What `manage.py check` says about settings that would fail only later."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def dotted_paths_lead_somewhere(app_configs: Any, **kwargs: Any) -> list[Error]:
    """The modules that settings name are there; they are not loaded to find out."""
    backend, _, _ = settings.REVISION_BACKEND.rpartition(".")
    named = {
        "REVISION_BACKEND": backend,
        "TRAINING_RECIPE": settings.TRAINING_RECIPE,
        "PREFERENCE_RECIPE": settings.PREFERENCE_RECIPE,
    }
    return [
        Error(
            f"{name} names the module {module!r}, which is not there.",
            id="coachlm.E001",
        )
        for name, module in named.items()
        if not module or not _is_there(module)
    ]


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
