"""Settings of mail."""

from __future__ import annotations

from typing import Any

from annotator.config.env import BadSetting, Environment

SECURITIES = ("starttls", "tls", "none")


def read(env: Environment) -> dict[str, Any]:
    """Django's settings of mail, and the address that links in mails begin with."""
    host = env.text("EMAIL_HOST", "", "Mail server; without one nothing is mailed.")
    security = env.text("EMAIL_SECURITY", "starttls", "starttls, tls or none.")
    if security not in SECURITIES:
        raise BadSetting(f"EMAIL_SECURITY must be one of {', '.join(SECURITIES)}.")
    kind = "smtp" if host else "dummy"
    return {
        "EMAIL_HOST": host,
        "EMAIL_BACKEND": f"django.core.mail.backends.{kind}.EmailBackend",
        "EMAIL_PORT": env.whole("EMAIL_PORT", 587, "Its port.", most=65_535),
        "EMAIL_HOST_USER": env.text("EMAIL_HOST_USER", "", "Account on it."),
        "EMAIL_HOST_PASSWORD": env.text("EMAIL_HOST_PASSWORD", "", "Its password."),
        "EMAIL_USE_TLS": security == "starttls",
        "EMAIL_USE_SSL": security == "tls",
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": env.text(
            "DEFAULT_FROM_EMAIL", "coachlm@localhost", "Whom mails come from."
        ),
        "SITE_ADDRESS": env.address(
            "COACHLM_URL",
            "",
            "Where people reach the pages, such as https://host, for links in mails.",
            schemes=("http", "https"),
        ).rstrip("/"),
    }
