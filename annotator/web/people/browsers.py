"""What a browser calls itself, in few words."""

from __future__ import annotations

from django.utils.translation import gettext as _

# Each also names those below it, so the first that fits counts.
_BROWSERS = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
    "curl/": "curl",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def named(agent: str) -> str:
    """Such as "Firefox, Linux"; of an unknown one its own first words."""
    known = (_BROWSERS, _SYSTEMS)
    words = [
        next((word for sign, word in names.items() if sign in agent), "")
        for names in known
    ]
    return ", ".join(filter(None, words)) or agent[:40] or _("unknown browser")
