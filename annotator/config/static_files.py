"""Static files as a browser should get them: bundled, packed, and kept for good.

`collect` puts them into STATIC_ROOT under names that hold their digest, so that no
browser asks again; a page without it serves the sources as they lie.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from annotator.config import bundles

SHEETS = ("css/app.css", "css/review.css")
MODULES = ("js/app.js", "js/uploads.js", "js/outage.js")
STAMP = "collected"


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed and packed as whitenoise does it, with bundles in place of their heads."""

    manifest_strict = False

    def post_process(
        self, paths: dict[str, Any], *args: Any, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        bundled = {name: self._bundle(name) for name in (*SHEETS, *MODULES)}
        for name, text in bundled.items():
            self.delete(name)
            self._save(name, ContentFile(text.encode()))
        heads = {name: (self, name) for name in bundled}
        yield from super().post_process({**paths, **heads}, *args, **options)

    def _bundle(self, name: str) -> str:
        made = bundles.sheet if name in SHEETS else bundles.module
        return made(name, _source)

    def stored_name(self, name: str) -> str:
        """Without a manifest, as before the first collecting, the name as it is."""
        known: str | None = self.hashed_files.get(self.hash_key(self.clean_name(name)))
        return known or name


def _source(name: str) -> str:
    return (Path(settings.BASE_DIR) / "static" / name).read_text()


def collect() -> bool:
    """Put the static files into STATIC_ROOT; False if they lie there as they are.

    Files of earlier versions stay: a page that is open asks for them.
    """
    stamp = Path(settings.STATIC_ROOT) / STAMP
    wanted = _digest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(wanted)
    return True


def _digest() -> str:
    """Of all sources and of how they are collected, by size and time of change."""
    told = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            source = Path(storage.path(name)).stat()
            told.update(f"{name} {source.st_size} {source.st_mtime_ns}\n".encode())
    for code in (__file__, bundles.__file__):
        told.update(Path(code).read_bytes())
    return told.hexdigest()
