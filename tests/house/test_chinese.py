"""The Chinese catalogue: whole, and written as Chinese is set.

What an editor can only see by reading (docs/glossary.md has the terms) is not here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation.template import templatize

BASE = Path(settings.BASE_DIR)
CATALOGUE = BASE / "annotator" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PACKAGES = ("annotator", "training", "revision_engine")
SAYS = {
    *("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"),
    *("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"),
}
TEXT = r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(n?p?gettext|_)\(u?{TEXT}(?:, *u?{TEXT})?")
HAN = "[\u4e00-\u9fff]"
FILLED = re.compile(r"%\(\w+\)(?:\+?\.?\d*)[a-z]|{\w+}|%%|%[sd]")
GLUED = re.compile(
    r"{% (?:translate|endblocktranslate)[^%]*%}(?:<[^>]+>)*[,;:] "
    r"|[,;:] (?:<[^>]+>)*{% translate|join:['\"][,;]"
)
"""Words of a page with a Latin sign between them, whatever their language."""
TAG = re.compile(r"</?\w+>")
CODE = re.compile(
    r"`[^`]*`|<code>.*?</code>|https?://|\(\?P<.*?>…\)|[{\[][^{}]*[\"\[.].*[}\]]"
)
"""What is set in Latin signs within a sentence: code, JSON, addresses, patterns."""
WRONG = {
    "a Latin sign of punctuation": re.compile(
        rf"{HAN}[”’）]? ?[,;:?!](?!\d)|[,;:?!] ?{HAN}|{HAN}\.(\s|$)"
    ),
    "Latin brackets": re.compile(rf"{HAN} ?\(|\) ?{HAN}|\(\S*{HAN}|{HAN}\S*\)"),
    "Latin quotation marks": re.compile(rf"[\"']\S*{HAN}|{HAN}[\"']|[「」『』]"),
    "another ellipsis than …": re.compile(r"\.\.\.|……"),
    "a wide letter, digit or stroke": re.compile("[\uff10-\uff19\uff21-\uff5a／]"),
    "no space between Chinese and Latin": re.compile(
        rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}"
    ),
    "a space too many": re.compile(
        rf"{HAN} {HAN}| [，。：；？！、（）]|[，。：；？！、（）] |  "
    ),
    "a familiar you": re.compile("你"),
}


def entries() -> Iterator[polib.POEntry]:
    yield from polib.pofile(str(CATALOGUE))


def told(entry: polib.POEntry) -> str:
    return entry.msgstr or " ".join(entry.msgstr_plural.values())


def faults(chinese: str) -> list[str]:
    """What is set as it should not be; what is filled in may be of any kind."""
    bare = CODE.sub("◇", FILLED.sub("◇", chinese))
    return [name for name, wrong in WRONG.items() if wrong.search(bare)]


def lost(entry: polib.POEntry) -> set[str]:
    """Placeholders and tags that only one of the two languages has."""
    english, chinese = entry.msgid_plural or entry.msgid, told(entry)
    return {
        *(set(FILLED.findall(english)) ^ set(FILLED.findall(chinese))),
        *(set(TAG.findall(english)) ^ set(TAG.findall(chinese))),
    }


def said_in_code(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in SAYS:
            texts = [
                part.value
                for part in node.args
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            # A context stands before the text.
            yield from texts["pgettext" in _name(node.func) :][:1]


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def said_in_template(source: str) -> Iterator[str]:
    for match in CALL.finditer(templatize(source)):
        has_context = match[1] in ("pgettext", "npgettext")
        yield ast.literal_eval(match[3] if has_context else match[2])


def test_every_sentence_of_the_code_is_in_the_catalogue():
    known = {entry.msgid for entry in entries()}

    missing = [
        f"{path.relative_to(BASE)}: {text}"
        for package in PACKAGES
        for path in sorted((BASE / package).rglob("*.py"))
        for text in said_in_code(path.read_text())
        if text not in known
    ]

    assert missing == [], "run makemessages, and translate"


def test_every_sentence_of_the_templates_is_in_the_catalogue():
    known = {entry.msgid for entry in entries()}

    missing = [
        f"{path.relative_to(BASE)}: {text}"
        for path in sorted((BASE / "templates").rglob("*.html"))
        for text in said_in_template(path.read_text())
        if text not in known
    ]

    assert missing == [], "run makemessages, and translate"


def test_signs_between_words_of_a_page_are_those_of_its_language():
    found = [
        f"{path.relative_to(BASE)}: {match[0]}"
        for path in sorted((BASE / "templates").rglob("*.html"))
        for match in GLUED.finditer(path.read_text())
    ]

    assert found == [], "use the tags and filters of web/punctuation"


def test_no_sentence_is_untranslated_or_a_guess():
    assert [each.msgid for each in entries() if not each.translated()] == []


def test_each_sentence_fills_in_what_the_english_one_does():
    assert [(each.msgid, lost(each)) for each in entries() if lost(each)] == []


def test_chinese_is_set_as_chinese():
    found = [(told(each), faults(told(each))) for each in entries()]

    assert [each for each in found if each[1]] == []


@pytest.mark.parametrize(
    ("chinese", "wrong"),
    [
        ("已保存, 稍后再试。", "a Latin sign of punctuation"),
        ("原因: 磁盘已满", "a Latin sign of punctuation"),
        ("确定吗?", "a Latin sign of punctuation"),
        ("已保存.", "a Latin sign of punctuation"),
        ("文本(可选)", "Latin brackets"),
        ('请选择"全部"', "Latin quotation marks"),
        ("请选择「全部」", "Latin quotation marks"),
        ("正在读取...", "another ellipsis than …"),
        ("行／分钟", "a wide letter, digit or stroke"),
        ("另存为CSV", "no space between Chinese and Latin"),
        ("最近 7天", "no space between Chinese and Latin"),
        ("已保存 。", "a space too many"),
        ("你的文本", "a familiar you"),
    ],
)
def test_what_is_set_otherwise_is_found(chinese, wrong):
    assert wrong in faults(chinese)


@pytest.mark.parametrize(
    "chinese",
    [
        "自 %(time)s 起（%(count)s 个）：请另存为 CSV（UTF-8）。",
        '请写成 {"instruction": "某列", "response": "另一列"}。',
        "请打开 <code>./coachlm up</code> 显示的地址。",
        "您以%(role)s身份加入 %(name)s。",
        "按 `datasets` 保存。",
    ],
)
def test_what_is_set_well_is_not(chinese):
    assert faults(chinese) == []


def test_a_placeholder_that_was_lost_is_found_in_singular_and_plural():
    one = polib.POEntry(msgid="%(n)s of %(of)s", msgstr="%(n)s")
    many = polib.POEntry(
        msgid="%(n)s pair",
        msgid_plural="%(n)s <strong>pairs</strong>",
        msgstr_plural={0: "%(m)s 对"},
    )

    assert lost(one) == {"%(of)s"}
    assert lost(many) == {"%(n)s", "%(m)s", "<strong>", "</strong>"}


def test_sentences_are_found_where_they_are_said():
    code = 'pgettext("theme", "dark"); ngettext("one", "many", n); _("plain")'
    page = '{% load i18n %}{% translate "a" context "c" %}{% translate "b" as x %}'
    page += "{% blocktranslate %}{{ n }} of it's{% endblocktranslate %}"

    assert list(said_in_code(code)) == ["dark", "one", "plain"]
    assert list(said_in_template(page)) == ["a", "b", "%(n)s of it's"]
