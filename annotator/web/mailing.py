"""Links that go to one person: by mail where there is a mail server, else by hand."""

from __future__ import annotations

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.utils.translation import gettext as _


def send_link(
    request: HttpRequest, *, to: str, subject: str, sentence: str, link: str
) -> str:
    """Mail a link if that can be done; a sentence that says what became of it."""
    if not to or not settings.EMAIL_HOST:
        return _("Hand the link over: it is shown here once.")
    body = f"{sentence}\n\n{link}\n\n{request.get_host()}\n"
    try:
        send_mail(subject, body, None, [to])
    except (OSError, SMTPException):
        return _(
            "The mail to %(to)s could not be sent: hand the link over. It is shown "
            "here once."
        ) % {"to": to}
    return _("The link is on its way to %(to)s.") % {"to": to}
