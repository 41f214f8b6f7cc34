"""A PostgreSQL of one's own, for as long as a benchmark runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_database() -> Iterator[Path]:
    """A folder for files; the environment names the server, and Django's settings."""
    with tempfile.TemporaryDirectory(prefix="coachlm-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ["COACHLM_VAR"] = str(folder / "var")  # read where it is imported
        from annotator.config.embedded import EmbeddedPostgres

        postgres = EmbeddedPostgres(folder / "postgres")
        try:
            os.environ.update(
                DATABASE_URL=postgres.start(),
                DJANGO_SETTINGS_MODULE="annotator.config.settings",
            )
            (folder / "var").mkdir()
            yield folder
        finally:
            postgres.stop()
