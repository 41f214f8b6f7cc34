"""A failure is told with its likely cause."""

from __future__ import annotations

import pytest

from training.causes import Cause, likely


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        ("The process was killed by signal 9: the machine may", Cause.MEMORY),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried", Cause.MEMORY),
        ("OSError: [Errno 28] No space left on device", Cause.DISK),
        ("The loss is not finite at step 12", Cause.DIVERGED),
        ("ValueError: Target modules {'xy'} not found in the base", Cause.TARGETS),
        ("No example fits in max_tokens=8.", Cause.TOO_LONG),
        ("OSError: none/such is not a local folder and", Cause.BASE_MODEL),
        ("PermissionError: [Errno 13] Permission denied", Cause.PERMISSION),
        ("The training worker has not been heard of for 5", Cause.WORKER_GONE),
        ("ValueError: rank must be at least 1, got 0", Cause.SETTING),
    ],
)
def test_the_last_words_tell_the_cause(problem, cause):
    assert likely(problem) is cause


def test_the_sentence_counts_before_the_log():
    assert likely("No space left on device", log="CUDA out of memory") is Cause.DISK
    assert likely("It ended with code 1.", log="CUDA out of memory") is Cause.MEMORY


def test_a_word_that_only_holds_a_sign_is_none():
    assert likely("KeyError: 'banana'") is None
