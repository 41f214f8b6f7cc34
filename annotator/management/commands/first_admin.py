from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.urls import reverse

from annotator.services import first_admin


class Command(BaseCommand):
    help = "Print the address that makes the first admin, once, of a new installation."

    def handle(self, *args: Any, **options: Any) -> None:
        token = first_admin.issue()
        if token is None:
            self.stdout.write("There are accounts already: an admin can make others.")
        else:
            path = reverse("first-admin", args=[token])
            self.stdout.write(f"Open this below the address of the pages: {path}")
