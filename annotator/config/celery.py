"""The Celery app: three queues, so that slow work never delays quick work."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")

app = Celery("coachlm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["annotator", "training", "revision_engine"])

from annotator.config import heartbeats  # noqa: E402, F401 (it listens to the app)
