"""TRL's SFTTrainer on a run folder of the recipe; started by training.py.

    python -m benchmarks.trl_peer FOLDER BATCH

Prompt-completion rows with the recipe's token ids, loss on the completion only, bf16
base and autocast, LoRA and learning rates as in `config.json`. BATCH rows a pass; the
passes of one optimizer step are accumulated. Writes `peer.json` and `peer/`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig as PeftLora
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer

from revision_engine import base_models
from training.config import LoraConfig
from training.examples import read_jsonl
from training.recipes.batches import encode, target_tokens
from training.recipes.coach_lora import learning_rate


class Epochs(TrainerCallback):
    """When each epoch began and ended."""

    def __init__(self) -> None:
        self.began: list[float] = []
        self.seconds: list[float] = []

    def on_epoch_begin(self, *_: object, **__: object) -> None:
        self.began.append(time.perf_counter())

    def on_epoch_end(self, *_: object, **__: object) -> None:
        self.seconds.append(time.perf_counter() - self.began[-1])


class SameRates(SFTTrainer):
    """The trainer with the recipe's learning rates."""

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        config = CONFIG[0]
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer or self.optimizer,
            lambda step: (
                learning_rate(step, num_training_steps, config) / config.learning_rate
            ),
        )
        return self.lr_scheduler


CONFIG: list[LoraConfig] = []


def main() -> None:
    folder, batch = Path(sys.argv[1]), int(sys.argv[2])
    config = LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    CONFIG.append(config)
    source = base_models.resolve(config.base_model)
    tokenizer = AutoTokenizer.from_pretrained(source)
    rows = encode(list(read_jsonl(folder / "train.jsonl")), tokenizer, config)
    epochs = Epochs()
    trainer = SameRates(
        model=AutoModelForCausalLM.from_pretrained(source, dtype=torch.bfloat16),
        args=_settings(folder, config, batch),
        train_dataset=Dataset.from_list(
            [
                {
                    "input_ids": row.ids,
                    "completion_mask": [0] * len(row.prompt) + [1] * len(row.target),
                }
                for row in rows
            ]
        ),
        processing_class=tokenizer,
        callbacks=[epochs],
        peft_config=PeftLora(
            r=config.rank,
            lora_alpha=config.lora_alpha,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )
    trainer.train()
    trainer.save_model(str(folder / "peer"))
    told = {
        "seconds": epochs.seconds,
        "tokens": sum(map(len, rows)),
        "targets": target_tokens(rows),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    (folder / "peer.json").write_text(json.dumps(told))


def _settings(folder: Path, config: LoraConfig, batch: int) -> SFTConfig:
    return SFTConfig(
        output_dir=str(folder / "trainer"),
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=config.batch_size // batch,
        num_train_epochs=config.epochs,
        learning_rate=config.learning_rate,
        weight_decay=0.0,
        max_grad_norm=config.gradient_clip,
        max_length=config.max_tokens,
        completion_only_loss=True,
        gradient_checkpointing=False,
        bf16=True,
        use_cpu=not torch.cuda.is_available(),
        seed=config.seed,
        save_strategy="no",
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
    )


if __name__ == "__main__":
    main()
