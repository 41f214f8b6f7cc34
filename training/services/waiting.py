"""Waiting for a database that is gone for a while: a run of hours outlives that."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections

T = TypeVar("T")
TRY_EVERY_SECONDS = 1.0

logger = logging.getLogger(__name__)


def until_told(ask: Callable[[], T]) -> T:
    """What the database says, as soon as it says something.

    Only for what does no harm when it is done twice: nobody knows whether a commit
    whose answer was lost took place.
    """
    is_said = False
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError) as error:
            if not is_said:
                is_said = True
                logger.warning("The run waits for the database: %s", error)
        time.sleep(TRY_EVERY_SECONDS)
        close_old_connections()
