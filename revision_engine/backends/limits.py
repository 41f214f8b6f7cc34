"""How much a local backend may write at once, from the environment."""

import os

ROWS = int(os.environ.get("ENGINE_ROWS", "") or 32)
"""Texts written at once."""
CACHE_BYTES = int(os.environ.get("ENGINE_CACHE_MB", "") or 1024) << 20
"""Most memory of the key-value cache."""
