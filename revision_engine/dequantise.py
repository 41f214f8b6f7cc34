"""Turn a packaged GGUF into bf16 safetensors, once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def dequantise(source: Path, folder: Path) -> None:
    """Write model and tokenizer to the folder, whole or not at all."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    where, name = str(source.parent), source.name
    tokenizer = AutoTokenizer.from_pretrained(where, gguf_file=name)
    network: Any = AutoModelForCausalLM.from_pretrained(
        where, gguf_file=name, dtype=torch.bfloat16
    )
    # Saved as plain bf16: with its quantization marks it would be refused on load.
    for marks in ("quantization_config", "_pre_quantization_dtype"):
        if hasattr(network.config, marks):
            delattr(network.config, marks)
    network.is_quantized = False
    network.hf_quantizer = None
    network.save_pretrained(part)
    tokenizer.save_pretrained(part)
    if folder.exists():  # another process was faster
        shutil.rmtree(part)
    else:
        part.rename(folder)
