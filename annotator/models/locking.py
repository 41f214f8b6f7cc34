from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


class LockingQuerySet(models.QuerySet[Row]):
    def locked(self, *, skip: bool = False) -> Self:
        """Hold the rows to the transaction's end, against other writers only.

        `skip`: leave out those that somebody else holds, and wait for none.
        """
        return self.select_for_update(no_key=True, skip_locked=skip, of=("self",))
