"""The door at which a password is changed for a token of the API."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.exceptions import PermissionDenied, Throttled
from rest_framework.exceptions import ValidationError as Wrong
from rest_framework.parsers import FormParser, MultiPartParser

from annotator.api.parsers import JsonBody


class NameAndPassword(AuthTokenSerializer):
    """Counted by the same limits as the sign-in page; an account with a second factor
    gets no token for a password alone."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # A request of the API wraps the one that allauth knows.
        request = self.context["request"]._request
        try:
            person = get_adapter().authenticate(
                request, username=attrs["username"], password=attrs["password"]
            )
        except ValidationError as shut:
            raise _Shut(shut.messages[0], (shut.params or {})["seconds"]) from None
        if person is None or not person.is_active:
            raise Wrong(
                _("The user name and password do not belong together."),
                code="authorization",
            )
        if is_mfa_enabled(person):
            raise PermissionDenied(
                _(
                    "This account has a second factor: sign in, and make the token on "
                    "your profile page."
                )
            )
        return {**attrs, "user": person}


class _Shut(Throttled):
    """Throttled, with our own sentence, and the header `Retry-After`."""

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(detail=sentence)
        self.wait = seconds


class TokenDoor(ObtainAuthToken):
    serializer_class = NameAndPassword
    parser_classes = (JsonBody, FormParser, MultiPartParser)
