"""Suggest which column of a file is what, by its names and its first rows.

Only ever shown to a person, who sees the pairs it would make. What is not sure stays
empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Object
from typing import Any

from annotator.formats.shapes import paths
from annotator.formats.shapes.mapping import Mapping
from annotator.formats.shapes.paths import NOTHING
from annotator.formats.spellings import SPELLINGS, is_missing, plain

# The surer a name, the earlier it stands. Those in SOURCES are an instruction only
# where there is no surer one, and its input where there is.
_ASKS = """instructions; user instruction; query; user query; user question;
    user prompt; user message; user input; human; user; request; ask; q;
    problem; task; 指令; 问题; 提问; 提示; 用户; 问; 题目; frage; anweisung; aufgabe;
    pregunta; instrucción; consigne; pergunta; instrução; domanda;
    istruzione; вопрос; инструкция; 質問; 指示; 질문; 지시; प्रश्न; निर्देश; سؤال"""
_SOURCES = """text in; input text; source text; source; src text; src; original text;
    original; before; title; 原文; 源文本"""
_INPUTS = """inputs; passage; document; paragraph; 输入; 上下文; 材料; 背景; eingabe;
    kontext; entrada; contexto; entrée; contexte; contesto; контекст;
    入力; 文脈; 입력; 문맥"""
_ANSWERS = """outputs; reply; assistant; assistant message; bot; gpt; model answer;
    model response; solution; a; target text; target; tgt text; tgt; text out;
    output text; rewritten; rewrite; after; body; 回答; 答案; 输出; 回复; 答; 助手;
    译文; 目标文本; antwort; ausgabe; respuesta; salida; réponse; sortie;
    resposta; saída; risposta; ответ; 回答; 出力; 답변; 응답; उत्तर; جواب"""
_REVISED = """edited response; edited answer; corrected response; corrected answer;
    revised answer; revised; corrected; edited; 修订后回答; 修改后回答; 修订后输出"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(plain(word) for word in text.split(";"))


def _known(name: str, more: str) -> tuple[str, ...]:
    return tuple(map(plain, SPELLINGS[name])) + _words(more)


_NAMES: dict[str, tuple[str, ...]] = {
    "instruction": _known("instruction", _ASKS),
    "input": _known("input", _INPUTS),
    "response": _known("response", _ANSWERS),
    "revised_instruction": _known("revised instruction", "修订后指令"),
    "revised_input": _known("revised input", "修订后输入"),
    "revised_response": _known("revised response", _REVISED),
    "conversation": _known("conversation", "chat; thread; 对话"),
    "system": _known("system", "system message; 系统; 系统提示"),
    "history": _known("history", "历史; 对话历史"),
    "id": _known("id", "uid; uuid; qid; row id; example id; sample id; 编号; 序号"),
    "category": _known("category", "task type; topic; domain; type; 类别; 类型; 分类"),
}
_NEUTRAL = ("text", "content", "value", "data", "message", "string")
"""Says nothing of what is nested there: `prompt.text` is a prompt."""
_TEXTS = ("instruction", "input", "response")


def suggest(columns: Iterable[str], first_rows: Sequence[Object[str, Any]]) -> Mapping:
    """The mapping that the names of columns (or paths) suggest; it may lack parts.

    A column of which the first rows say nothing, or nothing that fits, is left out.
    """
    columns = list(columns)
    found = _Columns(columns, first_rows)
    taken: dict[str, str] = {}
    for part, names in _NAMES.items():
        if path := found.best(names, _FITS.get(part, paths.is_text)):
            taken[part] = path
    _take_sources(taken, found)
    if "conversation" in taken:
        if "instruction" in taken and "response" in taken:
            del taken["conversation"]
        else:
            taken = {k: v for k, v in taken.items() if k not in _TEXTS}
    elif not {"instruction", "response"} & taken.keys():
        taken |= _only_two(found, taken)
    return Mapping(**taken)


def _take_sources(taken: dict[str, str], found: _Columns) -> None:
    """Of texts that something is made from: the instruction, or its input."""
    part = "input" if "instruction" in taken else "instruction"
    source = found.best(_words(_SOURCES), paths.is_text, but=taken.values())
    if source and part not in taken:
        taken[part] = source
    body = found.best(("body",), paths.is_text)
    if body and "input" not in taken and body not in taken.values():
        taken["input"] = body  # of a question with a title, and an answer


def _only_two(found: _Columns, taken: dict[str, str]) -> dict[str, str]:
    """A file of two texts: the first asks, the second answers."""
    texts = [path for path in found.texts() if path not in taken.values()]
    if len(texts) != 2:
        return {}
    return dict(zip(("instruction", "response"), texts, strict=True))


class _Columns:
    """The places of a file, with what the first rows have there."""

    def __init__(
        self, columns: Sequence[str], rows: Sequence[Object[str, Any]]
    ) -> None:
        self.values: dict[str, list[Any]] = {}
        self.by_name: dict[str, list[str]] = {}
        for path in columns:
            cells = [paths.at(row, path) for row in rows]
            self.values[path] = [
                cell for cell in cells if cell is not NOTHING and not is_missing(cell)
            ]
            self.by_name.setdefault(_said(path), []).append(path)
        self.has_rows = bool(rows)

    def best(
        self,
        names: Iterable[str],
        fits: Callable[[Any], bool],
        but: Iterable[str] = (),
    ) -> str:
        """The first place of these names where something stands that fits."""
        for name in names:
            for path in self.by_name.get(name, ()):
                if path not in but and self._fits(path, fits):
                    return path
        return ""

    def _fits(self, path: str, fits: Callable[[Any], bool]) -> bool:
        return not self.has_rows or any(map(fits, self.values[path]))

    def texts(self) -> list[str]:
        return [path for path in self.values if self._fits(path, paths.is_text)]


def _said(path: str) -> str:
    """What the last part of a path says that says anything."""
    parts = [plain(part) for part in path.split(".")]
    telling = [part for part in parts if part not in _NEUTRAL and not part.isdecimal()]
    return (telling or parts)[-1]


def _is_history(value: Any) -> bool:
    return isinstance(value, list) or paths.is_text(value)


_FITS: dict[str, Callable[[Any], bool]] = {
    "conversation": paths.are_turns,
    "history": _is_history,
    "id": lambda value: isinstance(value, int | str),
    "category": lambda value: isinstance(value, int | str),
}
