"""The web process. It never loads torch."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from annotator.database.connections import answer_within

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")

application = get_asgi_application()
answer_within(settings.DATABASE_SILENT_SECONDS)
