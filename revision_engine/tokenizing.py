"""A base model's tokenizer without transformers: the same numbers, the same turns.

It reads what transformers saves (tokenizer.json, tokenizer_config.json and a chat
template), and answers to the same calls, so far as prompts.py makes them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

AS_IN_THE_FILE = {
    "TokenizersBackend",
    "PreTrainedTokenizerFast",
    "Qwen2Tokenizer",
    "Qwen2TokenizerFast",
    "GPT2Tokenizer",
    "GPT2TokenizerFast",
}
"""Classes of transformers that do what tokenizer.json says and nothing else."""
ROLES = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
MORE = ("extra_special_tokens", "additional_special_tokens")


class UnknownTokenizer(ValueError):
    """A tokenizer that only transformers knows how to make."""


class ChatTokenizer:
    """What prompts.chat_ids asks of a tokenizer, and no more."""

    def __init__(
        self, tokens: Tokenizer, config: dict[str, Any], chat_template: str
    ) -> None:
        self._tokens = tokens
        self.chat_template = chat_template
        self.roles = {
            f"{role}_token": _content(config[f"{role}_token"])
            for role in ROLES
            if config.get(f"{role}_token")
        }
        more = [config.get(name) or [] for name in MORE]
        lists = [v.values() if isinstance(v, dict) else v for v in more]
        named = [*self.roles.values(), *(_content(v) for vs in lists for v in vs)]
        self.all_special_tokens = list(dict.fromkeys(named))
        self._render = _environment().from_string(chat_template).render

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The tokenizer in a base model's folder; UnknownTokenizer says why it is not
        one that can be read here."""
        config = json.loads((folder / "tokenizer_config.json").read_text())
        name = config.get("tokenizer_class", "")
        if name not in AS_IN_THE_FILE:
            raise UnknownTokenizer(f"The base's tokenizer is a {name or 'nameless'}.")
        if not (folder / "tokenizer.json").exists():
            raise UnknownTokenizer("The base has no tokenizer.json.")
        template = config.get("chat_template") or ""
        if (folder / "chat_template.jinja").exists():
            template = (folder / "chat_template.jinja").read_text()
        if not isinstance(template, str):
            raise UnknownTokenizer("The base has several chat templates.")
        tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokens.no_truncation()
        tokens.no_padding()
        return cls(tokens, config, template)

    @property
    def eos_token_id(self) -> int | None:
        end = self.roles.get("eos_token")
        found: int | None = self._tokens.token_to_id(end) if end else None
        return found

    def apply_chat_template(
        self,
        messages: Sequence[dict[str, str]],
        *,
        add_generation_prompt: bool,
        tokenize: bool = False,
    ) -> str:
        """The turns as text."""
        if tokenize:
            raise NotImplementedError("Render first, then call the tokenizer.")
        return self._render(
            messages=messages,
            tools=None,
            documents=None,
            add_generation_prompt=add_generation_prompt,
            **self.roles,
        )

    def __call__(
        self,
        text: str,
        *,
        add_special_tokens: bool = True,
        split_special_tokens: bool = False,
    ) -> dict[str, list[int]]:
        """Token ids; with `split_special_tokens` a control token is spelt out."""
        self._tokens.encode_special_tokens = split_special_tokens
        found = self._tokens.encode(text, add_special_tokens=add_special_tokens)
        return {"input_ids": found.ids}

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool = False) -> str:
        text: str = self._tokens.decode(ids, skip_special_tokens=skip_special_tokens)
        return text


def _content(token: Any) -> str:
    return str(token["content"] if isinstance(token, dict) else token)


def _environment() -> ImmutableSandboxedEnvironment:
    """As transformers renders templates."""
    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
    )
    made.filters["tojson"] = _to_json
    made.globals["raise_exception"] = _raise
    return made


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> None:
    raise ValueError(message)
