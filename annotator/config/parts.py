"""The parts that `./coachlm up` keeps running beside the servers they stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from annotator.config import families, processes
from annotator.config.children import Child, Program
from annotator.config.door import Door, Knock
from annotator.config.places import LOGS, VAR


def environment() -> dict[str, str]:
    """What a child inherits, and whose child it is."""
    return {**processes.environment(), families.MARK: str(VAR.resolve())}


def web(door: Door, listener: int) -> Child:
    """The pages, on the socket that `up` holds."""
    return _child(
        "web", processes.web_on(listener), Knock(door).is_answered, pass_fds=[listener]
    )


def workers(queues: Iterable[str]) -> list[Child]:
    """A worker for each of these queues."""
    return [_child(f"worker-{queue}", processes.worker(queue)) for queue in queues]


def beat() -> Child:
    """The clock."""
    return _child("beat", processes.beat(), prepare=_forget_schedule)


def _forget_schedule(last_words: str) -> list[str]:
    """After a failed try: beat's file says when it last sent what, and may be cut off.
    Without it all is sent at once, which does no harm."""
    if last_words:
        for path in VAR.glob("beat-schedule*"):
            path.unlink()
    return []


def _child(
    name: str,
    command: Sequence[str],
    is_ready: Callable[[], bool] | None = None,
    prepare: Callable[[str], list[str]] = lambda _: [],
    pass_fds: Sequence[int] = (),
) -> Child:
    log = LOGS / f"{name}.log"
    return Child(
        Program(
            name=name,
            command=command,
            log=log,
            mend=f"Its log is {log}.",
            env=environment(),
            pass_fds=pass_fds,
            is_ready=is_ready,
            prepare=prepare,
        )
    )
