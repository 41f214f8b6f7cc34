"""The composition root: settings, addresses, processes."""

from annotator.config.celery import app as celery_app

__all__ = ["celery_app"]
