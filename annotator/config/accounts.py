"""Settings of accounts: how people sign in, and what mail they may get."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from annotator.config.env import BadSetting, Environment

APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]
SECURITIES = ("starttls", "tls", "none")


def read(env: Environment, *, https: bool) -> dict[str, Any]:
    """Django's and allauth's settings of accounts; BadSetting for what contradicts."""
    return {
        **_sign_in(https=https),
        **_openid_connect(env),
        **_directory(env),
        "SECOND_FACTOR_REQUIRED": env.flag(
            "SECOND_FACTOR_REQUIRED",
            default=False,
            meaning="Nobody works here without a second factor.",
        ),
        "INVITATION_DAYS": env.whole(
            "INVITATION_DAYS", 14, "Days for which an invitation can be used.", most=365
        ),
    }


def _sign_in(*, https: bool) -> dict[str, Any]:
    return {
        "ACCOUNT_ADAPTER": "annotator.web.doors.Accounts",
        "ACCOUNT_LOGIN_METHODS": {"username", "email"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "email", "password1*", "password2*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS": False,
        "ACCOUNT_EMAIL_NOTIFICATIONS": False,
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "login",
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": False,
        "ACCOUNT_RATE_LIMITS": {
            "login": "60/m/ip",
            "login_failed": "20/m/ip,5/5m/key",
            "invitation": "30/m/ip",
        },
        "SOCIALACCOUNT_ADAPTER": "annotator.web.doors.FromElsewhere",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_FORMS": {"add_webauthn": "annotator.web.doors.PasskeyForm"},
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        # Nobody signs up here, so an address that nobody verified is no one else's.
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_TOTP_ISSUER": "CoachLM",
        "MFA_TOTP_TOLERANCE": 1,
        # Browsers themselves offer passkeys over https and on localhost only.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not https,
    }


def _openid_connect(env: Environment) -> dict[str, Any]:
    server = env.address(
        "OIDC_SERVER_URL",
        "",
        "OpenID Connect server people may sign in with.",
        schemes=("https", "http"),
    )
    client = env.text("OIDC_CLIENT_ID", "", "This installation's name there.")
    app = {
        "provider_id": "oidc",
        "name": env.text("OIDC_NAME", "OpenID Connect", "What its button says."),
        "client_id": client,
        "secret": env.text("OIDC_CLIENT_SECRET", "", "The secret that goes with it."),
        "settings": {"server_url": server},
    }
    if bool(server) != bool(client):
        raise BadSetting("OIDC_SERVER_URL and OIDC_CLIENT_ID are set together.")
    return {
        "SOCIALACCOUNT_PROVIDERS": {
            "openid_connect": {"APPS": [app] if server else []}
        },
        # The server is the one that the operator named: an address that it has
        # verified opens the account with that address.
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": True,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
        "OIDC_MAKES_ACCOUNTS": env.flag(
            "OIDC_MAKES_ACCOUNTS",
            default=False,
            meaning="Whoever that server knows gets an account, without any role.",
        ),
    }


def _directory(env: Environment) -> dict[str, Any]:
    """An LDAP directory, where django-auth-ldap was installed beside the product."""
    server = env.address(
        "LDAP_SERVER_URL",
        "",
        "Directory that knows passwords; needs the package django-auth-ldap.",
        schemes=("ldap", "ldaps"),
    )
    name = env.text(
        "LDAP_USER_DN",
        "",
        "Name of a person there, such as uid=%(user)s,ou=people,dc=example,dc=org.",
    )
    backends = [
        "django.contrib.auth.backends.ModelBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ]
    if not server:
        return {"AUTHENTICATION_BACKENDS": backends}
    if find_spec("django_auth_ldap") is None:
        raise BadSetting(
            "LDAP_SERVER_URL needs django-auth-ldap: install it, or unset it."
        )
    if "%(user)s" not in name:
        raise BadSetting("LDAP_USER_DN must have %(user)s where the user name stands.")
    return {
        "AUTHENTICATION_BACKENDS": [*backends, "django_auth_ldap.backend.LDAPBackend"],
        "AUTH_LDAP_SERVER_URI": server,
        "AUTH_LDAP_USER_DN_TEMPLATE": name,
        "AUTH_LDAP_START_TLS": server.startswith("ldap://"),
        "AUTH_LDAP_USER_ATTR_MAP": {
            "first_name": "givenName",
            "last_name": "sn",
            "email": "mail",
        },
    }
