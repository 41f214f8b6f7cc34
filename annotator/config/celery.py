"""The Celery app: three queues, so that slow work never delays quick work."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery import Task as CeleryTask
from django.db import DatabaseError, InterfaceError

from annotator.database.outages import is_outage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")


class DatabaseGone(Exception):
    """What a task had to do waits in the database, until beat sends the task again."""


class Task(CeleryTask):
    """Says in a line that the database is gone, where Celery would trace each task."""

    throws = (DatabaseGone,)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        try:
            return self.run(*args, **kwargs)
        except (DatabaseError, InterfaceError) as error:
            if not is_outage(error):
                raise
            why = str(error).partition("\n")[0]
            raise DatabaseGone(f"The database cannot be reached: {why}") from None


app = Celery("coachlm", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["annotator", "training", "revision_engine"])

from annotator.config import heartbeats  # noqa: E402, F401 (it listens to the app)
