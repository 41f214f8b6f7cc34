"""A failure is told with its likely cause."""

from __future__ import annotations

import pytest

from training.causes import Cause, last_words, likely


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        ("The process was killed by signal 9: the machine may", Cause.MEMORY),
        ("进程被信号 9（SIGKILL）终止：由人终止", Cause.MEMORY),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried", Cause.MEMORY),
        ("OSError: [Errno 28] No space left on device", Cause.DISK),
        ("The loss is not finite at step 12", Cause.DIVERGED),
        ("ValueError: Target modules {'xy'} not found in the base", Cause.TARGETS),
        ("No example fits in max_tokens=8.", Cause.TOO_LONG),
        ("OSError: none/such is not a local folder and", Cause.BASE_MODEL),
        ("PermissionError: [Errno 13] Permission denied", Cause.PERMISSION),
        ("The training worker has not been heard of for 5", Cause.WORKER_GONE),
        ("ValueError: rank must be at least 1, got 0", Cause.SETTING),
        # What the recipe says itself, in runs of before it told the cause with it.
        ("The loss became nan at step 3, with a learning rate of 1", Cause.DIVERGED),
        ("The loss became inf at step 3, with a learning rate of 1", Cause.DIVERGED),
        ("None of the 9 examples: none fits in max_tokens=8 with", Cause.TOO_LONG),
        ("The base model has no linear layer named xy; it has q_proj.", Cause.TARGETS),
        ("The base model 'x' could not be loaded: bad", Cause.BASE_MODEL),
        ("config.json cannot be used: 'rank'", Cause.SETTING),
        ("RuntimeError: [enforce fail] can't allocate memory: you", Cause.MEMORY),
    ],
)
def test_the_last_words_tell_the_cause(problem, cause):
    assert likely(problem) is cause


def test_the_sentence_counts_before_the_log():
    assert likely("No space left on device", log="CUDA out of memory") is Cause.DISK
    assert likely("It ended with code 1.", log="CUDA out of memory") is Cause.MEMORY


def test_a_word_that_only_holds_a_sign_is_none():
    assert likely("KeyError: 'banana'") is None


WARNED = """Traceback (most recent call last):
  File "x.py", line 3, in <module>
ValueError: the true fault
x.py:9: UserWarning: something else
  warnings.warn(
"""
ONLY_WARNED = "x.py:9: FutureWarning: old\n  warnings.warn(\n"
BAR = "Loading weights:  50%|##   | 1/2 [00:01<00:01, 1.0it/s]\n"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (WARNED, "ValueError: the true fault"),
        (f"One sentence.\n{ONLY_WARNED}", "One sentence."),
        (ONLY_WARNED, ""),
        (f"Why.\r{BAR}", "Why."),
        ("torch.OutOfMemoryError: CUDA full.", "torch.OutOfMemoryError: CUDA full."),
        ("", ""),
    ],
)
def test_last_words_are_no_warning_and_no_progress_bar(log, words):
    assert last_words(log) == words
