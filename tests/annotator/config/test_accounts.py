"""Settings of accounts: what goes together, and what is refused."""

from __future__ import annotations

import pytest

from annotator.config import accounts, mail
from annotator.config.env import BadSetting, Environment


def read(**values: str) -> dict:
    env = Environment(values=values)
    return accounts.read(env, https=False) | mail.read(env)


def test_by_default_nothing_is_mailed_and_nobody_else_is_asked():
    found = read()

    assert found["EMAIL_BACKEND"].endswith("dummy.EmailBackend")
    assert found["SOCIALACCOUNT_PROVIDERS"] == {"openid_connect": {"APPS": []}}
    assert len(found["AUTHENTICATION_BACKENDS"]) == 2
    assert found["SECOND_FACTOR_REQUIRED"] is False
    assert found["OIDC_MAKES_ACCOUNTS"] is False


def test_a_mail_server_is_spoken_to_as_it_asks():
    tls = read(EMAIL_HOST="mail.example.org", EMAIL_SECURITY="tls", EMAIL_PORT="465")

    assert tls["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (tls["EMAIL_USE_TLS"], tls["EMAIL_USE_SSL"]) == (False, True)
    assert tls["EMAIL_PORT"] == 465


def test_an_openid_connect_server_is_an_app_of_allauth():
    found = read(
        OIDC_SERVER_URL="https://id.example.org",
        OIDC_CLIENT_ID="coachlm",
        OIDC_CLIENT_SECRET="kept",
        OIDC_NAME="Our login",
    )

    (app,) = found["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert app["settings"] == {"server_url": "https://id.example.org"}
    assert (app["client_id"], app["secret"], app["name"]) == (
        "coachlm",
        "kept",
        "Our login",
    )


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"EMAIL_SECURITY": "ssl3"}, "EMAIL_SECURITY"),
        ({"OIDC_SERVER_URL": "https://id.example.org"}, "OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_ID": "coachlm"}, "OIDC_SERVER_URL"),
        ({"OIDC_SERVER_URL": "id.example.org"}, "OIDC_SERVER_URL"),
        ({"LDAP_SERVER_URL": "ldaps://ldap.example.org"}, "LDAP_SERVER_URL"),
        ({"INVITATION_DAYS": "0"}, "INVITATION_DAYS"),
    ],
)
def test_what_cannot_be_is_refused_by_name(values, named):
    with pytest.raises(BadSetting, match=named):
        read(**values)


def test_a_directory_is_asked_after_our_own_passwords(monkeypatch):
    monkeypatch.setattr(accounts, "find_spec", lambda name: object())
    given = {
        "LDAP_SERVER_URL": "ldaps://ldap.example.org",
        "LDAP_USER_DN": "uid=%(user)s,dc=example,dc=org",
    }

    found = read(**given)

    assert found["AUTHENTICATION_BACKENDS"][-1].endswith("LDAPBackend")
    assert found["AUTH_LDAP_START_TLS"] is False
    with pytest.raises(BadSetting, match="LDAP_USER_DN"):
        read(LDAP_SERVER_URL="ldaps://ldap.example.org", LDAP_USER_DN="dc=org")
