"""Personal data and secrets, masked: `[EMAIL]`, and `[EMAIL_2]` for the next one.

The same value has the same mask in all fields of a pair and in all that stands beside
it, so that what is said about it still holds together. Addresses that stand for none
(example.com, 127.0.0.1) stay.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import ClassVar, TypeAlias

import regex
from phonenumbers import SUPPORTED_REGIONS, Leniency, PhoneNumberMatcher

from annotator.domain.saying import gettext
from annotator.formats.rules import besides, check_digits
from annotator.formats.rules.outcomes import (
    NOTHING,
    Beside,
    Outcome,
    UnusableSetting,
)
from revision_engine.types import PairText
from training.examples import FIELDS

Find: TypeAlias = Callable[[str], Iterator[tuple[int, int]]]
"""Where a kind of value stands in a text: begins and ends, from left to right."""

_SECRET = regex.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.{1,8000}?-----END (?:[A-Z]+ )*"
    r"PRIVATE KEY-----"
    r"|(?<![\w-])(?:sk-(?:[a-z]+-)*[A-Za-z0-9_]{20,200}|gh[opsur]_[A-Za-z0-9]{36,255}"
    r"|github_pat_[A-Za-z0-9_]{50,255}|glpat-[\w-]{20,100}|hf_[A-Za-z0-9]{30,60}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|xox[abprs]-[A-Za-z0-9-]{10,200}"
    r"|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000})(?![\w-])",
    regex.DOTALL,
)
_EMAIL = regex.compile(
    r"(?<![\w.%+-])[\w%+-]++(?:\.[\w%+-]++){0,10}@"
    r"((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24})(?![a-z0-9-])",
    regex.IGNORECASE | regex.ASCII,
)
_OF_NOBODY = regex.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|org|net|edu))?|test|invalid|localhost|local"
    r"|(?:your|my)?-?(?:domain|company|email|site|mail)\.(?:com|org|net))$",
    regex.IGNORECASE,
)
_IBAN = regex.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])"
)
_CHINESE_ID = regex.compile(r"(?<![A-Za-z0-9.])[1-8]\d{16}[\dXx](?![A-Za-z0-9])")
_CARD = regex.compile(
    r"(?<![\w.,+-])(?<![A-Z]{2}\d\d[ -])\d(?:[ -]?\d){12,18}(?![\w-]|[.,]\d)",
    regex.ASCII,
)
_IPV4 = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IP = regex.compile(
    rf"(?<![\w.-])(?<!(?i:version|release|v)[ :]*){_IPV4}(?![\w-]|\.\d)"
    r"|(?<![\w:.])(?:[0-9a-f]{1,4}:){2,7}(?:(?::?[0-9a-f]{1,4}){1,6}|:)(?![\w:])",
    regex.IGNORECASE | regex.ASCII,
)
_MAYBE_PHONE = regex.compile(r"\d(?:[^\w\n]{0,3}\d){6}")
# A sum, a day or a long number is no telephone number, whatever it could ring.
_ONLY_GROUPED = regex.compile(r"\d{1,3}(?:[ ,.\u202f\u00a0]\d{3})+|\d{4}-\d{2}-\d{2}")
_PUBLIC_SERVERS = {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "1.2.3.4"}


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    for found in _SECRET.finditer(text):
        if "EXAMPLE" not in found[0]:
            yield found.span()


def _emails(text: str) -> Iterator[tuple[int, int]]:
    if "@" not in text:
        return
    for found in _EMAIL.finditer(text):
        if not _OF_NOBODY.search(found[1]):
            yield found.span()


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for found in _IBAN.finditer(text):
        # What follows in capitals is a word, not the number's end.
        signs = [n for n, sign in enumerate(found[0]) if sign.isalnum()]
        length = check_digits.IBAN_LENGTHS.get(found[0][:2], 0)
        if not length or len(signs) < length:
            continue
        last = signs[length - 1] + 1
        bare = "".join(filter(str.isalnum, found[0][:last]))
        if found[0][last : last + 1].isalnum() or not check_digits.is_iban(bare):
            continue
        yield found.start(), found.start() + last


def _chinese_ids(text: str) -> Iterator[tuple[int, int]]:
    for found in _CHINESE_ID.finditer(text):
        if check_digits.is_chinese_id(found[0]):
            yield found.span()


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for found in _CARD.finditer(text):
        if check_digits.is_card("".join(filter(str.isdigit, found[0]))):
            yield found.span()


def _ips(text: str) -> Iterator[tuple[int, int]]:
    if text.count(".") < 3 and text.count(":") < 2:
        return
    for found in _IP.finditer(text):
        try:
            is_ones = ipaddress.ip_address(found[0]).is_global
        except ValueError:
            continue
        if is_ones and found[0] not in _PUBLIC_SERVERS:
            yield found.span()


def _phones(regions: tuple[str, ...]) -> Find:
    def find(text: str) -> Iterator[tuple[int, int]]:
        # Without a country only what begins with + can be told.
        if ("+" not in text and not regions) or not _MAYBE_PHONE.search(text):
            return
        spans: list[tuple[int, int]] = []
        for region in regions or (None,):
            for found in PhoneNumberMatcher(text, region, Leniency.VALID, 1_000):
                if _ONLY_GROUPED.fullmatch(found.raw_string):
                    continue
                if all(found.end <= a or b <= found.start for a, b in spans):
                    spans.append((found.start, found.end))
        yield from sorted(spans)

    return find


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskPersonalData:
    """Puts a mask in the place of what tells who somebody is, or opens their doors."""

    key: ClassVar[str] = "personal"
    secret: bool = True
    """Keys of programs, private keys, tokens of known services."""
    email: bool = True
    iban: bool = True
    chinese_id: bool = True
    card: bool = True
    ip: bool = True
    phone: bool = True
    phone_regions: tuple[str, ...] = ()
    """Countries whose numbers are found without + and code, such as CN or US."""

    def __post_init__(self) -> None:
        for region in self.phone_regions:
            if region not in SUPPORTED_REGIONS:
                raise UnusableSetting(
                    gettext(
                        "phone_regions: there is no region %(region)s. Two capitals "
                        "name one, such as CN."
                    )
                    % {"region": region}
                )

    def check(self, pair: PairText) -> Outcome:
        return self.check_all(pair, Beside())

    def check_all(self, pair: PairText, beside: Beside) -> Outcome:
        before = besides.texts_of(beside)
        texts = {name: getattr(pair, name) for name in FIELDS}
        texts |= {str(place): text for place, text in enumerate(before)}
        counts: dict[str, int] = {}
        for mask, find in self._kinds():
            texts, count = _masked(texts, mask, find)
            if count:
                counts[mask] = count
        if not counts:
            return NOTHING
        after = [texts[str(place)] for place in range(len(before))]
        return Outcome(
            text=PairText(**{name: texts[name] for name in FIELDS}),
            tags=tuple(mask.lower() for mask in counts),
            **besides.altered(beside, after),
        )

    def _kinds(self) -> list[tuple[str, Find]]:
        """Those that are on; the surest first, since each sees the masks of others."""
        finders: dict[str, tuple[str, Find]] = {
            "secret": ("SECRET", _secrets),
            "email": ("EMAIL", _emails),
            "iban": ("IBAN", _ibans),
            "chinese_id": ("ID_NUMBER", _chinese_ids),
            "card": ("CARD", _cards),
            "ip": ("IP", _ips),
            "phone": ("PHONE", _phones(self.phone_regions)),
        }
        names = [field.name for field in fields(self) if field.name in finders]
        return [finders[name] for name in names if getattr(self, name)]


def _masked(texts: dict[str, str], mask: str, find: Find) -> tuple[dict[str, str], int]:
    """The texts with masks for one kind, and how many values there were."""
    spans = {field: list(find(text)) for field, text in texts.items()}
    if not any(spans.values()):
        return texts, 0
    names: dict[str, str] = {}
    taken = _taken(texts, mask)
    done = {}
    for field, text in texts.items():
        made, end = [], 0
        for start, stop in spans[field]:
            value = "".join(filter(str.isalnum, text[start:stop])).lower()
            number = len(names) + taken + 1
            shown = f"[{mask}]" if number == 1 else f"[{mask}_{number}]"
            made += [text[end:start], names.setdefault(value, shown)]
            end = stop
        done[field] = "".join([*made, text[end:]])
    return done, len(names)


def _taken(texts: dict[str, str], mask: str) -> int:
    """The highest number of a mask that an earlier run has set: a further value is not
    one of theirs."""
    pattern = rf"\[{mask}(?:_(\d{{1,9}}))?\]"
    found = regex.findall(pattern, "\n".join(texts.values()))
    return max((int(number or 1) for number in found), default=0)
