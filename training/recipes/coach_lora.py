"""Train one coach: a LoRA adapter that turns raw pairs into revised ones.

    python -m training.recipes.coach_lora RUN_FOLDER
    accelerate launch -m training.recipes.coach_lora RUN_FOLDER

The folder holds `config.json` (a LoraConfig), `train.jsonl` and `held_out.jsonl`
(RevisionExamples), and `start/` if the run goes on from an adapter. The recipe adds
`progress.jsonl` (a JSON object a line), `checkpoint.pt` while it works, and `adapter/`
at the end. Started again in the same folder it goes on from the checkpoint, to the same
losses and the same adapter. It needs no database and no network.

SIGTERM ends it after the pass at hand, with a checkpoint and exit code 143. Any other
failure ends it with one sentence on stderr and exit code 1; the last line of
`progress.jsonl` then has that sentence and its cause.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]

from training.causes import Cause, Failed
from training.config import Learns, LoraConfig
from training.examples import RevisionExample, read_jsonl
from training.progress import Progress, telling
from training.recipes import checkpoints, loading, losses
from training.recipes.batches import (
    Encoded,
    encode,
    epoch_batches,
    micro_batches,
    some_of,
    target_tokens,
    weighted_tokens,
)
from training.recipes.checkpoints import State
from training.recipes.watching import CANCELLED, Cancelled, Watch


def learning_rate(step: int, steps: int, config: LoraConfig) -> float:
    """Linear warm-up, then half a cosine down to zero; steps count from 0."""
    warmup = max(1, round(steps * config.warmup_share))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a run learns from, and how a batch of it leaves its gradients."""

    rows: list[Any]
    """Encoded examples, or what else is as long as its tokens and has a `target`."""
    left_out: int
    """Longer than `max_tokens`."""
    loss: Callable[[Run, Sequence[Any]], torch.Tensor]
    """Of the rows of a pass: their share of a batch's loss, before `weight`."""
    weight: Callable[[Sequence[Any]], float]
    """What the losses of a batch's passes are divided by."""


Teach = Callable[["Run"], Lesson]
"""Makes a run's lesson, once its model is loaded."""
Load = Callable[[LoraConfig, Any], tuple[Any, Any]]
"""Gives the model that learns, on a device, and its tokenizer."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One process's part of a run: with several, each takes every n-th row."""

    folder: Path
    config: LoraConfig
    accelerator: Accelerator
    watch: Watch
    model: Any
    optimizer: Any
    tokenizer: Any
    loss: losses.Loss
    examples: Sequence[RevisionExample]
    held_out: list[Encoded]
    key: str
    progress: Progress
    lesson: Lesson = field(init=False)
    state: State = field(default_factory=State)

    @property
    def weights(self) -> list[torch.nn.Parameter]:
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    @property
    def steps(self) -> int:
        return self.steps_an_epoch * self.config.epochs

    @property
    def steps_an_epoch(self) -> int:
        return math.ceil(len(self.lesson.rows) / self.config.batch_size)

    def say(self, kind: str, **values: Any) -> None:
        if self.accelerator.is_main_process:
            self.progress.say(kind, **values)

    def mine(self, rows: Sequence[Any]) -> list[Any]:
        """This process's share, of about the same length as the others'."""
        place, count = self.accelerator.process_index, self.accelerator.num_processes
        return sorted(rows, key=len)[place::count]

    def passes(self, rows: Sequence[Any]) -> list[list[Any]]:
        budget = self.config.micro_batch_tokens
        return list(micro_batches(self.mine(rows), budget, self.loss.cost))

    def summed(self, values: torch.Tensor) -> torch.Tensor:
        """Added up over the processes."""
        if self.accelerator.num_processes == 1:
            return values
        total: torch.Tensor = self.accelerator.reduce(values, reduction="sum")
        return total

    def save(self) -> None:
        if self.accelerator.is_main_process:
            checkpoints.save(
                self.folder, self.key, self.model, self.optimizer, self.state
            )


def revisions(run: Run) -> Lesson:
    """To write what people wrote."""
    rows = encode(run.examples, run.tokenizer, run.config)
    counted = [row for row in rows if row.weight > 0]
    if not counted:
        raise Failed(
            Cause.SETTING if rows else Cause.TOO_LONG,
            f"None of the {len(run.examples)} examples can be learnt from: none fits "
            f"in max_tokens={run.config.max_tokens} with a weight above 0.",
        )
    return Lesson(
        rows=counted,
        left_out=len(run.examples) - len(rows),
        loss=lambda run, part: run.loss(part),
        weight=weighted_tokens,
    )


def prepare(
    folder: Path, teach: Teach = revisions, load: Load = loading.load_model
) -> Run:
    """Load everything, and put back the checkpoint if there is one."""
    watch = Watch()
    try:
        config = LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        sentence = f"config.json cannot be used: {fault}"
        raise Failed(Cause.SETTING, sentence) from None
    torch.manual_seed(config.seed)
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    examples = list(read_jsonl(folder / "train.jsonl"))
    measured = some_of(
        list(read_jsonl(folder / "held_out.jsonl")), config.held_out_limit
    )
    model, tokenizer = load(config, accelerator.device)
    if config.start_from:
        loading.load_start(folder, config, model)
    weights = [p for p in model.parameters() if p.requires_grad]
    run = Run(
        folder=folder,
        config=config,
        accelerator=accelerator,
        watch=watch,
        model=model,
        optimizer=torch.optim.AdamW(
            weights, lr=config.learning_rate, weight_decay=0.0, fused=True
        ),
        tokenizer=tokenizer,
        loss=losses.fastest(model),
        examples=examples,
        held_out=encode(measured, tokenizer, config),
        key=_key(folder, config, accelerator.num_processes, load),
        progress=Progress(folder),
    )
    run.lesson = teach(run)
    take_up(run)
    run.say(
        "start",
        step=run.state.step,
        steps=run.steps,
        examples=len(run.lesson.rows),
        too_long=run.lesson.left_out,
        held_out=len(run.held_out),
        weights=sum(p.numel() for p in weights),
        batches=run.loss.name,
        device=accelerator.device.type,
        processes=accelerator.num_processes,
    )
    return run


def _key(folder: Path, config: LoraConfig, processes: int, load: Load) -> str:
    """Of the checkpoints that this run may go on from."""
    learns = "" if load is loading.load_model else load.__name__
    return checkpoints.identity(folder, config, processes) + learns


def take_up(run: Run) -> None:
    """Go on from the checkpoint; one that does not fit is told of and passed over."""
    try:
        run.state = checkpoints.load(run.folder, run.key, run.model, run.optimizer)
    except checkpoints.BadCheckpoint as fault:
        run.say("checkpoint_ignored", reason=f"{fault} The run starts anew.")
    run.accelerator.wait_for_everyone()


@torch.no_grad()
def measure(run: Run) -> None:
    """Take the mean held-out loss of a target token; keep the adapter if it is best."""
    total = 0.0
    for part in run.passes(run.held_out):
        run.watch.check()
        total += run.loss(part).item()
    tokens = sum(len(row.target) for row in run.held_out)
    there = torch.tensor(total, dtype=torch.float64, device=run.accelerator.device)
    loss = run.summed(there).item() / tokens
    epoch = round(run.state.step / run.steps_an_epoch, 3)
    run.say("held_out", step=run.state.step, epoch=epoch, loss=loss)
    run.state.measured = run.state.step
    if run.state.step and run.config.learns == Learns.REVISIONS:
        compare(run, loss)


def compare(run: Run, loss: float) -> None:
    """Remember the best adapter, and how long nothing has improved."""
    state = run.state
    if loss < state.best_loss:
        state.best_loss, state.best_step = loss, state.step
        state.best = checkpoints.adapter_of(run.model)
        run.say("best", step=state.step, loss=loss)
    if loss < state.mark - run.config.min_improvement:
        state.mark, state.waited = loss, 0
    else:
        state.waited += 1


def is_measured(run: Run) -> bool:
    """Whether the held-out loss is due at this step."""
    step = run.state.step
    every = run.config.eval_steps or run.steps_an_epoch
    due = step % every == 0 or step == run.steps
    return bool(run.held_out) and due and run.state.measured != step


def one_step(run: Run) -> None:
    """One optimizer step over `batch_size` examples, in passes that fit the memory."""
    began, step = time.monotonic(), run.state.step
    epoch, place = divmod(step, run.steps_an_epoch)
    batch = epoch_batches(run.lesson.rows, epoch, run.config)[place]
    rate = learning_rate(step, run.steps, run.config)
    loss = accumulate(run, batch)
    check_finite(loss, step + 1, rate)
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    norm = torch.nn.utils.clip_grad_norm_(run.weights, run.config.gradient_clip)
    check_finite(norm.item(), step + 1, rate)
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
    run.state.step = step + 1
    run.say(
        "step",
        step=step + 1,
        steps=run.steps,
        epoch=round((step + 1) / run.steps_an_epoch, 3),
        loss=loss,
        rate=rate,
        tokens=sum(map(len, batch)),
        targets=target_tokens(batch),
        seconds=round(time.monotonic() - began, 3),
    )


def accumulate(run: Run, batch: Sequence[Any]) -> float:
    """Leave the batch's gradients in the adapter; its loss. One exchange a batch."""
    weight, total = run.lesson.weight(batch), 0.0
    for part in run.passes(batch):
        run.watch.check()
        loss = run.lesson.loss(run, part) / weight
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.item()
    if run.accelerator.num_processes == 1:
        return total
    return exchange(run, total)


def exchange(run: Run, loss: float) -> float:
    """Add up the gradients and the loss of all processes, in one reduction.

    An adapter is small, and the processes may have different numbers of passes: this
    is simpler and sends less than gradient hooks.
    """
    grads = [
        torch.zeros_like(p).flatten() if p.grad is None else p.grad.flatten()
        for p in run.weights
    ]
    total = run.summed(torch.cat([*grads, grads[0].new_tensor([loss])]))
    parts = torch.split(total[:-1], [p.numel() for p in run.weights])
    for weight, part in zip(run.weights, parts, strict=True):
        weight.grad = part.view_as(weight).clone()
    return total[-1].item()


def check_finite(value: float, step: int, rate: float) -> None:
    if not math.isfinite(value):
        raise Failed(
            Cause.DIVERGED,
            f"The loss became {value} at step {step}, with a learning rate of "
            f"{rate:.2g}: a lower learning_rate is the likely cure.",
        )


def loop(run: Run) -> None:
    """Measure, stop or step, until there is nothing left to do."""
    patience = run.config.patience
    while True:
        fresh = is_measured(run)
        if fresh:
            measure(run)
        step = run.state.step
        if patience and run.state.waited >= patience and step < run.steps:
            run.say("stopped_early", step=step, best_step=run.state.best_step)
            return
        if (fresh and step) or (step and step % run.config.checkpoint_steps == 0):
            run.save()
        if step == run.steps:
            return
        one_step(run)


def finish(run: Run) -> None:
    """Save the best weights, or the last where nothing is held out."""
    if not run.accelerator.is_main_process:
        return
    weights = run.state.best or checkpoints.adapter_of(run.model)
    if checkpoints.has_adapter(run.model):
        checkpoints.save_adapter(run.folder, run.model, weights, run.config.base_model)
    else:
        checkpoints.save_model(run.folder, run.model, run.tokenizer, weights)
    run.say(
        "done",
        step=run.state.step,
        steps=run.steps,
        best_step=run.state.best_step or run.state.step,
        best_loss=run.state.best_loss if run.state.best else None,
    )
    (run.folder / checkpoints.NAME).unlink(missing_ok=True)


def train(
    folder: Path, teach: Teach = revisions, load: Load = loading.load_model
) -> None:
    """Run the recipe in its folder, from the start or from the checkpoint."""
    made = checkpoints.ADAPTER if load is loading.load_model else checkpoints.MODEL
    if (folder / made).exists():  # killed between the last two lines of finish
        (folder / checkpoints.NAME).unlink(missing_ok=True)
        return
    run = prepare(folder, teach, load)
    try:
        loop(run)
    except Cancelled:
        run.save()
        run.say("cancelled", step=run.state.step, steps=run.steps)
        raise SystemExit(CANCELLED) from None
    finish(run)


def main() -> None:
    """Train in the folder that the command line names, and tell what goes wrong."""
    folder = Path(sys.argv[1])
    with telling(folder):
        train_in_memory(folder)


def train_in_memory(
    folder: Path, teach: Teach = revisions, load: Load = loading.load_model
) -> None:
    """`train`, with a word for it where the memory runs out."""
    try:
        train(folder, teach, load)
    except (MemoryError, torch.OutOfMemoryError):
        raise Failed(Cause.MEMORY, OUT_OF_MEMORY) from None
    except RuntimeError as fault:
        if "can't allocate memory" not in str(fault):
            raise
        raise Failed(Cause.MEMORY, OUT_OF_MEMORY) from None


OUT_OF_MEMORY = (
    "The machine ran out of memory: a smaller micro_batch_tokens or max_tokens needs "
    "less."
)

if __name__ == "__main__":
    main()
