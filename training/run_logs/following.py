"""What a run tells of itself, as points for its logs."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from training.run_logs.sinks import Sink

logger = logging.getLogger(__name__)


class RunLogs:
    """The logs of one run: fed with the lines of its progress.

    A log that cannot be written ends, and the run goes on.
    """

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = list(sinks)
        self._step = 0

    def hear(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Log the points among lines of `progress.jsonl`."""
        for line in lines:
            if values := scalars_of(line):
                self._step = line["step"]
                self._tell(line["at"], values)

    def evaluated(self, figures: Iterable[Mapping[str, Any]], at: float) -> None:
        """Log an evaluation's figures over all its pairs, at the run's last step."""
        values = {
            f"evaluation/{each['name']}/{each['side'] or 'compared'}": each["value"]
            for each in figures
            if not each["category"]
        }
        self._tell(at, _finite(values))

    def close(self, *, is_whole: bool) -> None:
        self._each(lambda sink: sink.close(is_whole=is_whole))

    def _tell(self, at: float, values: Mapping[str, float]) -> None:
        if values:
            self._each(lambda sink: sink.scalars(self._step, at, values))

    def _each(self, deed: Any) -> None:
        for sink in list(self._sinks):
            try:
                deed(sink)
            except OSError as fault:
                self._sinks.remove(sink)
                logger.warning("A log of the run cannot be written: %s", fault)


def scalars_of(line: Mapping[str, Any]) -> dict[str, float]:
    """The values of a line of progress, by what they are called in logs."""
    if line["kind"] == "held_out":
        return _finite({"held_out/loss": line["loss"]})
    if line["kind"] != "step":
        return {}
    told = {"train/loss": line["loss"], "train/learning_rate": line.get("rate")}
    if line.get("seconds"):
        told["train/tokens_per_second"] = line["tokens"] / line["seconds"]
    return _finite(told)


def _finite(values: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in values.items()
        if value is not None and math.isfinite(value)
    }


@contextmanager
def following(sinks: Sequence[Sink]) -> Iterator[RunLogs]:
    """Logs that are closed with the run, whatever ends it."""
    logs, is_whole = RunLogs(sinks), False
    try:
        yield logs
        is_whole = True
    finally:
        logs.close(is_whole=is_whole)
