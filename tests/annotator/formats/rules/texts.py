"""Texts that are right as they are: no rule may alter one."""

from __future__ import annotations

RIGHT = {
    "hindi joiner": "क्\u200dष और क्\u200cष अलग दिखते हैं।",
    "persian non-joiner": "می\u200cخواهم کتاب\u200cها را بخوانم.",
    "emoji family": "👨\u200d👩\u200d👧\u200d👦 and 🏳️\u200d🌈 and 👍🏽",
    "thai break": "ภาษา\u200bไทย",
    "chinese": "请把“春天”写成一首诗。\n\n春风又绿江南岸，\n明月何时照我还。",
    "chinese indent": "　　段落以两个全角空格开头。",
    "name ideograph": "\ufa19田さん",
    "direction": "The word \u200fשלום\u200f stands here.",
    "markdown break": "Roses are red,  \nviolets are blue.",
    "markdown table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "python": "def f():\n    return 1\n\n\ndef g():\n    return 2",
    "fenced": "So:\n```python\nx = 1   \n\n\n\n\ny = '\u200b'\r\n```\nDone.",
    "tilde fence": "~~~\n```   \n\n\n\n~~~",
    "unclosed fence": "```\na   \n\n\n\n\nb  ",
    "math": r"\frac{name}{other} and x^{first} and ${HOME}",
    "sums": "10,000,000 people, 3.14159265358979323846, 2019-12-31, 1 000 000 000",
    "versions": "Use version 4.18.0.305 or v2.0.0.1; ask 127.0.0.1 or 10.0.0.7.",
    "example address": "Write to name@example.com or 192.0.2.44.",
    "ellipsis": "Wait … what?",
}
