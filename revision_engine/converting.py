"""A coach made ready for OpenVINO: base and adapter merged, converted once, kept.

The merged weights are written as a GGUF in half precision, which OpenVINO GenAI reads
and saves as its own form. Neither step needs torch.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from revision_engine import base_models
from revision_engine.merging import Adapter, NotPlain
from revision_engine.tensors import Array, TensorFiles, UnknownTensor
from revision_engine.unpacking import PARTS, WHOLE, halves_to_side_by_side

CONVERTER = "1"
"""Goes up when the same weights would be converted to something else."""
MODEL = "openvino_model.xml"
KEPT = 4
"""The coaches used last whose conversions stay on disk."""
STALE_SECONDS = 3600.0
"""After which a conversion that was never finished is swept away."""
FAMILIES = {"llama": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}
"""What transformers calls the families that OpenVINO GenAI reads from a GGUF."""
PLAIN: dict[str, tuple[Any, ...]] = {
    "hidden_act": ("silu",),
    "attention_bias": (False,),
    "mlp_bias": (False,),
    "use_sliding_window": (False, None),
    "rope_scaling": (None,),
    "quantization_config": (None,),
    "partial_rotary_factor": (1.0, None),
}
"""What a base's config may say, where it says something."""


class Unconvertible(ValueError):
    """OpenVINO cannot run this coach; the message says what it is that it lacks."""


def converted(base: Path, adapter: Path | None, cache: Path) -> Path:
    """The folder with the coach in OpenVINO's form, made if it is not there.

    It is found by the digest of base, adapter and converter, and comes under its name
    whole, or not at all. Unconvertible says why there can be none.
    """
    check_family(json.loads((base / "config.json").read_text()))
    folder = cache / _digest(base, adapter)
    if not folder.exists():
        part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            _convert(base, adapter, part)
            part.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was faster
                raise
        finally:
            shutil.rmtree(part, ignore_errors=True)
    os.utime(folder)
    _sweep(cache)
    return folder


def check_family(config: dict[str, Any]) -> None:
    """Raise Unconvertible unless all that the config says is what is converted."""
    name = config.get("model_type")
    if name not in FAMILIES:
        raise Unconvertible(f"The family {name!r} is not one of {', '.join(FAMILIES)}.")
    for setting, allowed in PLAIN.items():
        if setting in config and config[setting] not in allowed:
            raise Unconvertible(f"The base has {setting} {config[setting]!r}.")
    kinds = set(config.get("layer_types") or []) - {"full_attention"}
    if kinds:
        raise Unconvertible(f"The base has layers of {', '.join(sorted(kinds))}.")
    rope = config.get("rope_parameters") or {}
    if rope.get("rope_type", "default") != "default":
        raise Unconvertible(f"The base has positions of {rope['rope_type']!r}.")
    if name != "qwen3" and _head_size(config) * _heads(config) != config["hidden_size"]:
        raise Unconvertible("The base's heads are not as wide as its layers.")


def _heads(config: dict[str, Any]) -> int:
    return int(config["num_attention_heads"])


def kv_heads(config: dict[str, Any]) -> int:
    return int(config.get("num_key_value_heads") or _heads(config))


def _head_size(config: dict[str, Any]) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // _heads(config))


def token_bytes(config: dict[str, Any], value_bytes: int) -> int:
    """Memory that one token takes in the key-value cache."""
    layers = int(config["num_hidden_layers"])
    return 2 * layers * kv_heads(config) * _head_size(config) * value_bytes


def _digest(base: Path, adapter: Path | None) -> str:
    digest = hashlib.sha256(f"{CONVERTER} {version('openvino-genai')}".encode())
    folders = [base, adapter] if adapter else [base]
    for folder in folders:
        digest.update(b"\0")
        for path in [*sorted(folder.glob("*config.json")), *_weights(folder)]:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.name} {content}\n".encode())
    return digest.hexdigest()[:32]


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def _convert(base: Path, adapter: Path | None, part: Path) -> None:
    import openvino_genai

    config = json.loads((base / "config.json").read_text())
    file = part / "coach.gguf"
    try:
        tensors = TensorFiles(*_weights(base))
        write_gguf(file, config, merged(tensors, adapter), _some_tokenizer)
    except (NotPlain, UnknownTensor) as fault:
        raise Unconvertible(str(fault)) from fault
    empty = openvino_genai.SchedulerConfig()
    empty.num_kv_blocks = 1
    try:
        openvino_genai.ContinuousBatchingPipeline(
            str(file), empty, "CPU", {"enable_save_ov_model": True}
        )
    except RuntimeError as fault:
        raise Unconvertible(f"OpenVINO cannot read the base: {fault}") from fault
    if not (part / MODEL).exists():
        raise Unconvertible("OpenVINO has not saved what it has read.")
    for path in (file, *part.glob("openvino_*tokenizer.*")):
        path.unlink()


def merged(tensors: TensorFiles, adapter: Path | None) -> Iterator[tuple[str, Array]]:
    """The base's weights by name, what the adapter changes of them added."""
    found = Adapter(adapter) if adapter else None
    strange = set(found.names if found else ()) - set(tensors)
    if strange:
        raise Unconvertible(f"The adapter changes {min(strange)}, which is not there.")
    for name in tensors:
        values = tensors[name]
        yield name, found.added_to(name, values) if found else values


def write_gguf(
    file: Path,
    config: dict[str, Any],
    tensors: Iterator[tuple[str, Array]],
    add_tokenizer: Callable[[gguf.GGUFWriter], None],
) -> None:
    """Write the weights in half precision, with a tokenizer as the reader wants it."""
    arch = FAMILIES[config["model_type"]]
    writer = gguf.GGUFWriter(file, arch)
    rope = config.get("rope_parameters") or {}
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(_heads(config))
    writer.add_head_count_kv(kv_heads(config))
    writer.add_key_length(_head_size(config))
    writer.add_value_length(_head_size(config))
    writer.add_rope_freq_base(rope.get("rope_theta") or config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    add_tokenizer(writer)
    turned = {"q_proj": _heads(config), "k_proj": kv_heads(config)}
    for name, values in tensors:
        heads = turned.get(name.split(".")[-2]) if arch == "llama" else None
        if heads:
            values = halves_to_side_by_side(values, heads)
        kind = np.float16 if values.ndim > 1 else np.float32
        writer.add_tensor(_gguf_name(name), np.ascontiguousarray(values, kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _some_tokenizer(writer: gguf.GGUFWriter) -> None:
    """The reader wants one; the engine has its own, and hands over numbers."""
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    normal = gguf.TokenType.NORMAL
    writer.add_token_list(["<s>", "a", "b", "ab"])
    writer.add_token_types([gguf.TokenType.CONTROL, normal, normal, normal])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    writer.add_chat_template("")


def _gguf_name(name: str) -> str:
    """`model.layers.3.self_attn.q_proj.weight` is `blk.3.attn_q.weight`."""
    stem, _, kind = name.rpartition(".")
    whole = {theirs: ours for ours, theirs in WHOLE.items()}
    if stem in whole:
        return f"{whole[stem]}.{kind}"
    parts = {theirs: ours for ours, theirs in PARTS.items()}
    layer, _, part = stem.removeprefix("model.layers.").partition(".")
    if part not in parts:
        raise Unconvertible(f"The base has a weight {name}, which is not known.")
    return f"blk.{layer}.{parts[part]}.{kind}"


def _sweep(cache: Path) -> None:
    """Delete what has not been used for longest, and what was never finished."""
    folders = [path for path in cache.iterdir() if path.is_dir()]
    parts = [path for path in folders if path.name.endswith(".part")]
    whole = sorted(
        (path for path in folders if path not in parts),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    old = [p for p in parts if time.time() - p.stat().st_mtime > STALE_SECONDS]
    for path in [*whole[KEPT:], *old]:
        shutil.rmtree(path, ignore_errors=True)


def cache_folder() -> Path:
    """Where converted coaches lie."""
    return base_models.cache_folder() / "openvino"


def main() -> None:
    """`python -m revision_engine.converting BASE ADAPTER`: have a coach ready. One that
    OpenVINO cannot run needs nothing."""
    base, adapter = sys.argv[1:]
    folder = Path(base_models.resolve(base))
    with suppress(Unconvertible):
        converted(folder, Path(adapter), cache_folder())


if __name__ == "__main__":
    main()
