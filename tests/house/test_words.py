"""One word for each thing (docs/glossary.md): on pages, in English and in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings

BASE = Path(settings.BASE_DIR)
CATALOGUE = BASE / "annotator" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
BANNED = {
    r"\bset(s|ting)?\b[^.]{0,40}\baside\b": "exclude",
    r"\b(hand(s|ed|ing)?|sen[dt]) (it |them |a review |reviews? )?in\b": "submit",
    r"\b[Rr]evise(s|d)? (a|whole) dataset": "rewrite",
    r"\b[Gg]o(es|ne)? back to (a|the|an earlier) coach": "roll back",
    r"\b(item|sample|datapoint|record)s?\b": "pair, row or example",
    r"\b(arbitrat|inspect|QC\b)": "adjudication, judge, quality control",
}
NOT_IN_CHINESE = {
    "审校": "审阅",
    "审改": "审阅",
    "评审": "审阅",
    "教练(?!模型)": "教练模型",
    "把关|准入门槛": "关卡",
    "质量控制": "质检",
    "占有(?!效)": "占用",
    "回滚": "回退",
    "基座": "基础模型",
    "黄金": "金标对",
    "搁置": "排除",
    "训练进程|引擎进程": "…工作进程",
    "在用的教练模型": "当前教练模型",
    "建立(账号|项目|副本)": "创建",
    "此安装": "本系统",
}
ASIDE = {"set aside at once", "set aside"}
"""Labels of choices in a migration; pages have their own words for them."""


def entries() -> Iterator[polib.POEntry]:
    yield from polib.pofile(str(CATALOGUE))


def told(entry: polib.POEntry) -> str:
    return entry.msgstr or " ".join(entry.msgstr_plural.values())


@pytest.mark.parametrize("wrong", BANNED)
def test_pages_have_one_word_for_each_thing(wrong):
    found = [
        text
        for entry in entries()
        for text in (entry.msgid, entry.msgid_plural)
        if text not in ASIDE and re.search(wrong, text)
    ]

    assert found == [], f"say: {BANNED[wrong]}"


@pytest.mark.parametrize("wrong", NOT_IN_CHINESE)
def test_chinese_has_one_term_for_each(wrong):
    found = [
        f"{entry.msgid[:60]}: {told(entry)}"
        for entry in entries()
        if re.search(wrong, told(entry)) and entry.msgid not in ASIDE
    ]

    assert found == [], f"say: {NOT_IN_CHINESE[wrong]}"


def test_no_message_is_taken_for_a_format_that_it_is_not():
    percent = re.compile(r"%(?!\(|[.\d]*[sdf](?![A-Za-z]))")

    found = [
        entry.msgid
        for entry in entries()
        if "python-format" in entry.flags
        and percent.search((entry.msgid + told(entry)).replace("%%", ""))
    ]

    assert found == []


def test_no_message_hides_in_an_f_string_where_gettext_does_not_look():
    hidden = re.compile(r"""f"[^"\n]*{(?:_|n?gettext)\('|f'[^'\n]*{(?:_|n?gettext)\(""")

    found = [
        f"{path.relative_to(BASE)}: {match[0]}"
        for path in (BASE / "annotator").rglob("*.py")
        for match in hidden.finditer(path.read_text())
    ]

    assert found == []
