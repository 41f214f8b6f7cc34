"""Personal data is masked, alike in a pair; what only looks like it stays."""

from __future__ import annotations

import pytest

from annotator.formats.rules.check_digits import is_card, is_chinese_id, is_iban
from annotator.formats.rules.outcomes import NOTHING, UnusableSetting
from annotator.formats.rules.personal import MaskPersonalData
from revision_engine.types import PairText
from tests.annotator.formats.rules.texts import RIGHT

TOKEN = "ghp_" + "a1B2" * 9


def masked(text: str, **settings: object) -> str:
    pair = PairText(instruction="Say it.", response=text)
    made = MaskPersonalData(**settings).check(pair).text
    return made.response if made else text


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_right_stays(text):
    regions = ("CN", "US", "IN", "DE")

    assert masked(text, phone_regions=regions) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Mail anna.k+x@firma.de.", "Mail [EMAIL]."),
        ("邮箱zhang_san@163.com，谢谢", "邮箱[EMAIL]，谢谢"),
        ("Card 4111-1111-1111-1111!", "Card [CARD]!"),
        ("Pay DE89 3704 0044 0532 0130 00 today", "Pay [IBAN] today"),
        ("IBAN GB82WEST12345698765432 AND MORE", "IBAN [IBAN] AND MORE"),
        ("身份证11010519491231002X号", "身份证[ID_NUMBER]号"),
        ("from 84.17.46.53:443", "from [IP]:443"),
        ("from 2a00:1450:4001:82b::200e.", "from [IP]."),
        ("Ring +49 30 901820 now", "Ring [PHONE] now"),
        (f"token={TOKEN};", "token=[SECRET];"),
        ("key AKIAABCDEFGHIJKLMNOP end", "key [SECRET] end"),
        (
            "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
            "[SECRET]",
        ),
    ],
)
def test_each_kind_is_found(text, wanted):
    assert masked(text) == wanted
    assert masked(wanted) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "DE89 3704 0044 0532 0130 01",
        "110105194912310021",
        "110105194913310021",
        "AKIAIOSFODNN7EXAMPLE",
        "8.8.8.8",
        "256.1.1.1",
        "a@b",
        "@anna and anna@",
        "0000 0000 0000 0000",
        "sk-short",
        "Release 12.11.10.9",
    ],
)
def test_what_does_not_prove_itself_stays(text):
    assert masked(text) == text


def test_a_number_without_a_code_needs_its_country():
    text = "请致电13812345678。"

    assert masked(text) == text
    assert masked(text, phone_regions=("CN",)) == "请致电[PHONE]。"


def test_a_value_has_one_mask_in_all_fields_of_a_pair():
    pair = PairText(
        instruction="Answer anna@firma.de and bo@firma.de.",
        input="Anna@firma.de wrote.",
        response="Dear bo@firma.de, greetings, cy@firma.de",
    )

    made = MaskPersonalData().check(pair)

    assert made.text == PairText(
        instruction="Answer [EMAIL] and [EMAIL_2].",
        input="[EMAIL] wrote.",
        response="Dear [EMAIL_2], greetings, [EMAIL_3]",
    )
    assert made.tags == ("email",)


def test_a_mask_that_is_there_is_not_given_to_another():
    assert masked("[EMAIL] and dora@firma.de") == "[EMAIL] and [EMAIL_2]"


@pytest.mark.parametrize(
    ("switch", "text"),
    [
        ("email", "anna@firma.de"),
        ("card", "4111 1111 1111 1111"),
        ("iban", "GB82WEST12345698765432"),
        ("chinese_id", "11010519491231002X"),
        ("ip", "84.17.46.53"),
        ("phone", "+49 30 901820"),
        ("secret", TOKEN),
    ],
)
def test_each_kind_can_be_switched_off(switch, text):
    assert masked(text, **{switch: False}) == text


def test_code_is_no_shelter():
    assert masked(f"```\nkey = '{TOKEN}'\n```") == "```\nkey = '[SECRET]'\n```"


def test_a_pair_without_any_is_nothing():
    pair = PairText(instruction="Say it.", response="So.")

    assert MaskPersonalData().check(pair) is NOTHING


def test_a_region_that_is_none_is_refused():
    with pytest.raises(UnusableSetting, match="Cn"):
        MaskPersonalData(phone_regions=("Cn",))


def test_numbers_prove_themselves():
    assert is_card("5555555555554444")
    assert not is_card("1111111111111117")
    assert is_iban("NL91ABNA0417164300")
    assert not is_iban("XX91ABNA0417164300")
    assert is_chinese_id("11010519491231002x")
    assert not is_chinese_id("110105194902310026")
