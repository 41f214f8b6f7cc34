"""Settings that came as JSON, checked against the dataclass they are for."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

from revision_engine.saying import gettext


def checked(kind: type, values: dict[str, Any], what: str) -> dict[str, Any]:
    """The values, if the dataclass `kind` has such fields of such types.

    A whole number will do for a float. ValueError names the key; `what` is what the
    settings are called in it.
    """
    hints = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    if unknown := set(values) - known:
        raise ValueError(
            gettext("unknown %(what)s: %(names)s")
            % {"what": what, "names": ", ".join(sorted(unknown))}
        )
    for name, value in values.items():
        wanted = hints[name]
        accepted = (int, float) if wanted is float else wanted
        if isinstance(value, bool) and wanted is not bool:
            accepted = ()
        if isinstance(wanted, type) and not isinstance(value, accepted):
            given = type(value).__name__
            raise ValueError(
                gettext("%(name)s must be of the type %(wanted)s, got %(given)s")
                % {"name": name, "wanted": wanted.__name__, "given": given}
            )
    return values
