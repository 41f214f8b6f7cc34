"""Train one coach: a LoRA adapter that turns raw pairs into revised ones.

    python -m training.recipes.coach_lora RUN_FOLDER

The folder holds `config.json` (a LoraConfig), `train.jsonl` and `held_out.jsonl`
(RevisionExamples). The recipe adds `progress.jsonl` (one JSON object a line),
`checkpoint.pt` while it works, and `adapter/` at the end. Started again in the same
folder it goes on from the checkpoint. It needs no database and no network.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig as PeftLora
from peft import get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

from revision_engine import base_models, prompts
from training.config import LoraConfig
from training.examples import RevisionExample, read_jsonl
from training.progress import Progress

IGNORE = -100


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as token ids; the loss is taken on the target alone."""

    prompt: list[int]
    target: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.target)


def encode(
    examples: list[RevisionExample], tokenizer: Any, config: LoraConfig
) -> list[Encoded]:
    """Tokenize; leave out what is longer than `max_tokens`."""
    prompt = prompts.by_version(config.prompt)
    encoded = []
    for example in examples:
        asked = prompt.render(example.raw, config.wording)
        answer = tokenizer(prompt.target(example.revised), add_special_tokens=False)
        row = Encoded(
            prompts.chat_ids(tokenizer, asked),
            [*answer["input_ids"], tokenizer.eos_token_id],
        )
        if len(row) <= config.max_tokens:
            encoded.append(row)
    return encoded


def micro_batches(rows: list[Encoded], budget: int) -> Iterator[list[Encoded]]:
    """Cut rows, shortest first, into batches of at most `budget` padded tokens."""
    batch: list[Encoded] = []
    for row in sorted(rows, key=len):
        if batch and len(row) * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def summed_loss(model: Any, rows: list[Encoded]) -> torch.Tensor:
    """Cross-entropy summed over the target tokens of a padded batch.

    Only positions with a target go through the vocabulary projection, which for a
    small model is a quarter of the work.
    """
    width = max(map(len, rows))
    device = model.device
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    labels = torch.full((len(rows), width), IGNORE)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row.prompt + row.target)
        mask[index, : len(row)] = 1
        start = len(row.prompt) - 1  # the last prompt token predicts the first target
        labels[index, start : len(row) - 1] = torch.tensor(row.target)
    whole = model.get_base_model()
    backbone = getattr(whole, whole.base_model_prefix)
    wanted = (labels != IGNORE).to(device)
    with torch.autocast(device.type, torch.bfloat16):
        hidden = backbone(
            input_ids=ids.to(device), attention_mask=mask.to(device), use_cache=False
        ).last_hidden_state
        logits = whole.get_output_embeddings()(hidden[wanted])
    return functional.cross_entropy(
        logits.float(), labels.to(device)[wanted], reduction="sum"
    )


def target_tokens(rows: list[Encoded]) -> int:
    return sum(len(row.target) for row in rows)


@torch.no_grad()
def held_out_loss(model: Any, rows: list[Encoded], config: LoraConfig) -> float:
    """Mean loss a target token, in nats."""
    model.eval()
    total = sum(
        summed_loss(model, batch).item()
        for batch in micro_batches(rows, config.micro_batch_tokens)
    )
    model.train()
    return total / max(1, target_tokens(rows))


def learning_rate(step: int, steps: int, config: LoraConfig) -> float:
    """Linear warm-up, then half a cosine down to zero."""
    warmup = max(1, round(steps * config.warmup_share))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def epoch_batches(
    rows: list[Encoded], epoch: int, config: LoraConfig
) -> list[list[Encoded]]:
    """The epoch's optimizer batches; a function of seed and epoch alone."""
    order = list(rows)
    random.Random(f"{config.seed}:{epoch}").shuffle(order)
    return [
        order[start : start + config.batch_size]
        for start in range(0, len(order), config.batch_size)
    ]


def load_model(config: LoraConfig) -> tuple[Any, Any]:
    """The base in bf16 with a fresh fp32 adapter, and its tokenizer."""
    source = base_models.resolve(config.base_model)
    revision = config.base_revision or "main"
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
    base = AutoModelForCausalLM.from_pretrained(
        source, revision=revision, dtype=torch.bfloat16
    )
    targets: str | list[str] = config.targets
    if "," in config.targets:
        targets = [name.strip() for name in config.targets.split(",")]
    lora = PeftLora(
        r=config.rank,
        lora_alpha=config.lora_alpha,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(base, lora, autocast_adapter_dtype=True)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    return model, tokenizer


def save_checkpoint(folder: Path, model: Any, optimizer: Any, step: int) -> None:
    state = {
        "adapter": get_peft_model_state_dict(model),
        "optimizer": optimizer.state_dict(),
        "step": step,
    }
    part = folder / "checkpoint.pt.part"
    torch.save(state, part)
    part.rename(folder / "checkpoint.pt")


def load_checkpoint(folder: Path, model: Any, optimizer: Any) -> int:
    """Put the last checkpoint back; the step to go on from, 0 without one."""
    path = folder / "checkpoint.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    set_peft_model_state_dict(model, state["adapter"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def save_adapter(folder: Path, model: Any, base_model: str) -> None:
    """Write the adapter in bf16, which halves the file and not the result."""
    model.to(torch.bfloat16)
    part = folder / "adapter.part"
    model.peft_config["default"].base_model_name_or_path = base_model
    model.save_pretrained(part, safe_serialization=True, save_embedding_layers=False)
    (part / "README.md").unlink(missing_ok=True)
    part.rename(folder / "adapter")


def train(folder: Path) -> None:  # noqa: C901 (a recipe reads from top to bottom)
    """Run the recipe in its folder, from the start or from the checkpoint."""
    config = LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    progress = Progress(folder)
    parent = os.getppid()
    torch.manual_seed(config.seed)
    model, tokenizer = load_model(config)
    examples = list(read_jsonl(folder / "train.jsonl"))
    rows = encode(examples, tokenizer, config)
    held_out = encode(list(read_jsonl(folder / "held_out.jsonl")), tokenizer, config)
    if not rows:
        raise SystemExit(f"No example fits in max_tokens={config.max_tokens}.")
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=config.learning_rate, weight_decay=0.0)
    done = load_checkpoint(folder, model, optimizer)
    steps = math.ceil(len(rows) / config.batch_size) * config.epochs
    progress.say(
        "start",
        step=done,
        steps=steps,
        examples=len(rows),
        too_long=len(examples) - len(rows),
        held_out=len(held_out),
        weights=sum(p.numel() for p in weights),
    )
    if done == 0 and held_out:
        loss = held_out_loss(model, held_out, config)
        progress.say("held_out", step=0, epoch=0, loss=loss)

    model.train()
    step = 0
    for epoch in range(config.epochs):
        for batch in epoch_batches(rows, epoch, config):
            step += 1
            if step <= done:
                continue
            began = time.monotonic()
            rate = learning_rate(step - 1, steps, config)
            for group in optimizer.param_groups:
                group["lr"] = rate
            tokens, total = target_tokens(batch), 0.0
            for part in micro_batches(batch, config.micro_batch_tokens):
                part_loss = summed_loss(model, part) / tokens
                part_loss.backward()  # type: ignore[no-untyped-call]
                total += part_loss.item()
            torch.nn.utils.clip_grad_norm_(weights, config.gradient_clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            progress.say(
                "step",
                step=step,
                steps=steps,
                epoch=round(step * config.epochs / steps, 3),
                loss=total,
                rate=rate,
                tokens=sum(map(len, batch)),
                seconds=round(time.monotonic() - began, 3),
            )
            if step % config.checkpoint_steps == 0:
                save_checkpoint(folder, model, optimizer, step)
            if os.getppid() != parent:
                raise SystemExit("The process that started this run is gone.")
        if step > done:
            if held_out:
                loss = held_out_loss(model, held_out, config)
                progress.say("held_out", step=step, epoch=epoch + 1, loss=loss)
            save_checkpoint(folder, model, optimizer, step)
    save_adapter(folder, model, config.base_model)
    (folder / "checkpoint.pt").unlink(missing_ok=True)
    progress.say("done", step=steps, steps=steps)


if __name__ == "__main__":
    train(Path(sys.argv[1]))
