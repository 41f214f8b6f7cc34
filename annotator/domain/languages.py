"""The language of a project's pairs: ISO 639-1, as browsers and the engine read it.

A tag is a language of two letters, and if need be a script and a region after it, as
in BCP 47: `zh`, `zh-Hans`, `pt-BR`.
"""

from __future__ import annotations

import re

_CODES = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs
    cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha
    he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn
    ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb
    nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd
    se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw
    ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_SCRIPTS = """
    Arab Armn Beng Cans Cher Cyrl Deva Ethi Geor Grek Gujr Guru Hans Hant Hebr Jpan Khmr
    Knda Kore Laoo Latn Mlym Mong Mymr Nkoo Olck Orya Sinh Syrc Taml Telu Tfng Thaa Thai
    Tibt Yiii
"""
CODES = frozenset(_CODES.split())
"""ISO 639-1."""
SCRIPTS = frozenset(_SCRIPTS.split())
"""ISO 15924: those that living languages are written in."""
_TAG = re.compile(
    r"(?P<language>[a-z]{2})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?",
    re.IGNORECASE | re.ASCII,
)


def tag(typed: str) -> str | None:
    """A language tag in its usual spelling; None if there is no such language."""
    found = _TAG.fullmatch(typed.strip().replace("_", "-"))
    if not found:
        return None
    language, script = found["language"].lower(), (found["script"] or "").title()
    if language not in CODES or (script and script not in SCRIPTS):
        return None
    return "-".join(filter(None, [language, script, (found["region"] or "").upper()]))
