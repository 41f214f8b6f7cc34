"""Celery doorways of training."""

from __future__ import annotations

from celery import shared_task

from training.services import launching, runs


@shared_task(name="training.start_next_run")
def start_next_run() -> None:
    """Hand the oldest waiting run to the training queue, if it is free."""
    run = runs.next_waiting()
    if run:
        train_coach.delay(run.pk)


@shared_task(name="training.train_coach")
def train_coach(run_id: int) -> None:
    """Safe to deliver twice: the second finds the run taken."""
    launching.carry_out(run_id)


@shared_task(name="training.fail_silent_runs")
def fail_silent_runs() -> None:
    runs.fail_silent()
