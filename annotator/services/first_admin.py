"""The first account of an installation: by a token that `up` prints, once."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.db import transaction

from annotator.models import FirstAdminToken, User


@transaction.atomic
def issue() -> str | None:
    """A new token, after which no earlier one is good; None where there is a user."""
    FirstAdminToken.objects.all().delete()
    if User.objects.exists():
        return None
    token = secrets.token_urlsafe(24)
    FirstAdminToken.objects.create(digest=_digest(token))
    return token


def is_good(token: str) -> bool:
    """Whether the token would make an admin now."""
    kept = FirstAdminToken.objects.values_list("digest", flat=True)
    return _is_among(token, list(kept)) and not User.objects.exists()


@transaction.atomic
def create(
    *, token: str, username: str, password: str, language: str = ""
) -> User | None:
    """The first admin, who may do everything; None where the token is not good.

    Of two who use it at once the second waits on the token's row, and finds it gone.
    """
    kept = FirstAdminToken.objects.select_for_update().values_list("digest", flat=True)
    if not _is_among(token, list(kept)) or User.objects.exists():
        return None
    user = User.objects.create_superuser(username, password=password, language=language)
    FirstAdminToken.objects.all().delete()
    return user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _is_among(token: str, kept: list[str]) -> bool:
    mine = _digest(token)
    return any(hmac.compare_digest(mine, digest) for digest in kept)
