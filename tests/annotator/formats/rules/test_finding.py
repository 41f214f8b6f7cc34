"""Rules that tag and propose: sure before many."""

from __future__ import annotations

import pytest

from annotator.domain.rubric import ExclusionReason
from annotator.formats.rules.language import TellLanguage
from annotator.formats.rules.lengths import LimitLength, estimated_tokens
from annotator.formats.rules.outcomes import NOTHING, UnusableSetting
from annotator.formats.rules.placeholders import FindPlaceholders
from annotator.formats.rules.safety import FindSafetyWords
from annotator.formats.rules.workload import HintAtWorkload
from revision_engine.types import PairText


def asked(instruction: str, response: str = "So it is.", input: str = "") -> PairText:
    return PairText(instruction=instruction, input=input, response=response)


def reason(rule, pair):
    found = rule.check(pair).exclusion
    return found.reason if found else None


HINDI = asked("यूरोप की तीन नदियों के नाम बताइए और लिखिए।", "गंगा और यमुना भारत की नदियाँ हैं।")
CHINESE = asked("请列出三条欧洲的河流。", "多瑙河、莱茵河和伏尔加河都在欧洲。")
ENGLISH = asked(
    "Name three rivers in Europe, please.", "Rhine, Danube and Volga are in Europe."
)


@pytest.mark.parametrize(
    ("pair", "tag"), [(HINDI, "lang:hi"), (CHINESE, "lang:zh"), (ENGLISH, "lang:en")]
)
def test_a_pair_is_tagged_with_its_language(pair, tag):
    told = TellLanguage().check(pair)

    assert told.tags == (tag,)
    assert told.exclusion is None


def test_a_pair_in_another_language_is_proposed_to_be_set_aside():
    found = TellLanguage(wanted=("zh", "en")).check(HINDI).exclusion

    assert found.reason == ExclusionReason.BEYOND_EXPERTISE
    assert "hi" in found.sentence


@pytest.mark.parametrize(
    "pair",
    [
        asked("Translate the following sentence into Hindi for me.", HINDI.response),
        asked("Name three.", "Rhine."),
        asked("Hi", "好"),
        asked("Rhine, Danube, Volga and Po?", "Rhine, Danube and Volga, I believe."),
        asked(
            "Explain what this function does, please, line by line.",
            "```python\ndef nombre_de_fleuves(les_fleuves):\n    return 3\n```",
        ),
    ],
)
def test_a_translation_a_short_text_and_code_are_not_foreign(pair):
    assert reason(TellLanguage(wanted=("en",)), pair) is None


def test_a_language_that_is_none_is_refused():
    with pytest.raises(UnusableSetting, match="klingon"):
        TellLanguage(wanted=("klingon",))


def test_limits_say_what_they_counted():
    rule = LimitLength(least_response=4, most_response=20, most_tokens=30)

    assert rule.check(asked("Say.", "Four")) is NOTHING
    assert reason(rule, asked("Say.", "No")) == ExclusionReason.INVALID_INPUT
    assert reason(rule, asked("Say.", "x" * 21)) == ExclusionReason.MASSIVE_WORKLOAD
    assert "about" in rule.check(asked("字" * 40, "Four")).exclusion.sentence


def test_tokens_are_estimated_by_script():
    assert estimated_tokens("four four four!!") == 4
    assert estimated_tokens("四个字符") == 4
    assert estimated_tokens("Straße und Öl") == 4
    assert estimated_tokens("") == 0


def test_a_limit_below_another_is_refused():
    with pytest.raises(UnusableSetting, match="least_response"):
        LimitLength(least_response=5, most_response=3)


@pytest.mark.parametrize(
    "question",
    [
        "Write about {topic} for children.",
        "Write about {{ topic }} for children.",
        "Summarise [INSERT TEXT HERE].",
        "Tell <your name> a story.",
        "请总结【此处填写内容】。",
        "Translate: lorem ipsum dolor sit amet",
    ],
)
def test_a_gap_in_a_question_is_proposed_to_be_set_aside(question):
    assert reason(FindPlaceholders(), asked(question)) == ExclusionReason.INVALID_INPUT


@pytest.mark.parametrize(
    "pair",
    [
        asked(r"What is \frac{alpha}{beta} if x^{beta} = 1?"),
        asked("What does `{name}` mean?"),
        asked("What is the set {1, 2, 3}?"),
        asked("Read:", input="```\nf'{name}'\n```"),
        asked("Is <b>this</b> bold?"),
        asked('Read {"name": "x"}.'),
        asked("See [the text](https://site.org/a_(b)) first."),
        asked("Is a[0] < b and c > d?"),
    ],
)
def test_what_only_looks_like_a_gap_is_none(pair):
    assert FindPlaceholders().check(pair) is NOTHING


def test_a_gap_in_an_answer_or_a_template_is_only_tagged():
    letter = asked("Write a note to my landlord.", "Dear [Your Landlord], …")
    template = asked("Explain the placeholder {user_name} to me.")

    for pair in (letter, template):
        told = FindPlaceholders().check(pair)
        assert told.tags == ("placeholder",)
        assert told.exclusion is None


@pytest.mark.parametrize("target", ["", "#", "url", "http://", "link", "example.com"])
def test_a_link_to_nowhere_is_tagged(target):
    told = FindPlaceholders().check(asked("Say.", f"See [here]({target}) for more."))

    assert told.tags == ("broken link",)


def test_safety_words_are_whole_words_of_any_script():
    rule = FindSafetyWords(words=("bomb", "कर", "毒品", "self harm"))

    for text in ("A BOMB.", "वह कर देगा", "如何制造毒品呢", "self harm is"):
        assert reason(rule, asked(text)) == ExclusionReason.SAFETY
    for text in ("bombastic", "a_bomb_", "करो", "毒蛇", "selfharm", "शेकर"):
        assert rule.check(asked(text)) is NOTHING


def test_an_empty_list_of_words_finds_nothing():
    assert FindSafetyWords().check(asked("")) is NOTHING


def test_a_word_is_no_pattern():
    rule = FindSafetyWords(words=("a.c", "(x"))

    assert rule.check(asked("abc x")) is NOTHING
    assert reason(rule, asked("an (x thing")) == ExclusionReason.SAFETY


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Write an essay of 10,000 words on rivers.", "massive_workload"),
        ("写一篇2万字的小说。", "massive_workload"),
        ("Write 200 poems about rain.", "massive_workload"),
        ("列出500条建议。", "massive_workload"),
        ("Summarize https://news.org/a/b for me.", "multi_modal"),
        ("总结 https://news.org/a 的内容", "multi_modal"),
        ("请描述这张图片。", "multi_modal"),
        ("Describe the attached image.", "multi_modal"),
    ],
)
def test_tasks_in_bulk_or_beyond_text_are_hinted_at(question, wanted):
    assert reason(HintAtWorkload(), asked(question)) == wanted


@pytest.mark.parametrize(
    "question",
    [
        "Write a poem of 100 words.",
        "Write 3 poems about the 10,000 lakes.",
        "List 10 rivers longer than 1000 km.",
        "写一首20字的诗。",
        "What is https://?",
        "Write a program that shows the attached image.",
        "怎样用Python处理图片？",
    ],
)
def test_ordinary_tasks_are_not(question):
    assert HintAtWorkload().check(asked(question)) is NOTHING
