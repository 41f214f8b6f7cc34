"""What instructions ask for: their opening verb and its object, by a list of verbs.

English only, and no parser: the first word that is a known verb opens the instruction,
after "please", "can you" and the like; its object is the last word of what follows up
to a preposition, a conjunction or a sign. "Write a short story about rain" is write,
story. A question is named by its first word instead and has no object. What does not
begin so is counted as unmapped, never guessed at. The list knows a verb by its spelling
alone: "List A is longer" counts as list.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_VERBS = """
    act add adapt analyse analyze annotate answer apply argue arrange assess assign
    assume brainstorm break build calculate categorise categorize change check choose
    cite clarify classify code collect combine come comment compare compile complete
    compose compute conduct construct consider contrast convert copy correct count
    craft create criticize critique debate decide declare deduce define delete
    demonstrate derive describe design detail detect determine develop devise diagnose
    differentiate discuss display distinguish divide do draft draw edit elaborate
    eliminate enter enumerate estimate evaluate examine execute expand explain explore
    express extend extract fill filter find fix follow form format formulate generate
    get give group guess help highlight hypothesize identify illustrate imagine
    implement improve include indicate infer insert interpret introduce invent
    join judge justify label lay list locate look make map mark match measure merge
    modify name narrate negate offer optimize order organise organize outline output
    paraphrase parse pick pinpoint plan play point pose predict prepare present pretend
    produce program proofread propose prove provide punctuate put quote rank rate read
    rearrange recall recommend reconstruct record redesign reduce refactor reformulate
    relate remove rename reorder reorganize repeat rephrase replace report
    represent research respond restate restructure retrieve return reverse revise reword
    rewrite round say scan score search select sentence separate set shorten show
    simplify simulate sketch solve sort specify spell split start state structure
    substitute suggest sum summarise summarize suppose synthesize take talk teach tell
    test think train transcribe transform translate turn update use validate verify
    visualize weigh write
"""
VERBS = frozenset(_VERBS.split())
_ASKING = """
    what why how who whom whose where when which is are was were do does did can could
    will would should has have had may might
"""
QUESTIONS = frozenset(_ASKING.split())
_POLITE = re.compile(
    r"^\s*(?:please|kindly|now|then|first|next|"
    r"(?:can|could|would|will) you(?: please)?|i (?:want|need|would like) you to|"
    r"i'd like you to|you (?:must|should|need to|have to|are asked to)|"
    r"your (?:task|job) is to|let's|help me(?: to)?)\b[\s,:]*",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\w\s]")
_MARKING = """
    a an the this that these those my your our his her its their some any each every all
    both another one two three four five six seven eight nine ten me us him them
    following given above below provided
"""
_BEFORE_NOUNS = frozenset(_MARKING.split())
_ENDING = """
    of for to in on at with about from by into onto as and or but that which who whom
    whose where when while if whether how what why using based given than between among
    so such without within during is are was were has have had can could will would
    should then per it
"""
_ENDS = frozenset(_ENDING.split())
MOST_WORDS = 6
"""Words after the verb in which an object is looked for."""


class Opening(NamedTuple):
    """Verb and object of an instruction; `object` is empty where none is found."""

    verb: str
    object: str
    is_question: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningMap:
    """One side: how many instructions open with which verb and object."""

    instructions: int
    mapped: int
    """That open with a known verb."""
    questions: int
    verbs: int
    """Different ones."""
    couples: int
    """Different couples of verb and object, among instructions that have an object."""
    effective_couples: float
    """exp of the entropy of these couples: as many equally frequent ones would be as
    diverse; 0 if there is none."""
    top: tuple[tuple[str, int, tuple[tuple[str, int], ...]], ...]
    """The most frequent verbs, each with its most frequent objects."""


def opening(instruction: str) -> Opening | None:
    """How an instruction opens; None where it does so in no known way."""
    text = instruction
    while (polite := _POLITE.match(text)) and polite.end() < len(text):
        text = text[polite.end() :]
    found = [word.lower() for word in _WORDS.findall(text[:400])]
    if not found:
        return None
    if found[0] in QUESTIONS and (found[0] not in VERBS or "?" in text):
        return Opening(found[0], "", is_question=True)
    if found[0] not in VERBS:
        return None
    return Opening(found[0], _object(found[1:]))


def _object(following: Sequence[str]) -> str:
    last = ""
    for word in following[:MOST_WORDS]:
        if word in _BEFORE_NOUNS or word[0].isdigit():
            if last:
                break
            continue
        if word in _ENDS or not word[0].isalpha():
            break
        last = word
    return last


def map_of(
    instructions: Iterable[str], *, verbs: int = 12, objects: int = 4
) -> OpeningMap:
    """Count the openings of one side's instructions."""
    found = list(map(opening, instructions))
    mapped = [each for each in found if each and not each.is_question]
    couples = Counter((each.verb, each.object) for each in mapped if each.object)
    by_verb = Counter(each.verb for each in mapped)
    return OpeningMap(
        instructions=len(found),
        mapped=len(mapped),
        questions=sum(1 for each in found if each and each.is_question),
        verbs=len(by_verb),
        couples=len(couples),
        effective_couples=effective(couples.values()),
        top=tuple(
            (verb, count, _objects(couples, verb, objects))
            for verb, count in _ranked(by_verb, verbs)
        ),
    )


def _objects(
    couples: Counter[tuple[str, str]], verb: str, most: int
) -> tuple[tuple[str, int], ...]:
    mine = Counter({noun: n for (its, noun), n in couples.items() if its == verb})
    return tuple(_ranked(mine, most))


def _ranked(counts: Counter[str], most: int) -> list[tuple[str, int]]:
    """Most frequent first, then by spelling."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:most]


def effective(counts: Iterable[int]) -> float:
    """exp of Shannon's entropy of these counts; 0 without any."""
    sizes = [count for count in counts if count]
    total = sum(sizes)
    if not total:
        return 0.0
    return math.exp(-sum(n / total * math.log(n / total) for n in sizes))
