"""An LDAP directory signs people in: a real slapd, by StartTLS.

Neither is among the requirements: it runs where Debian's `slapd` and the package
django-auth-ldap are installed.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from annotator.config import accounts, ports
from annotator.config.env import Environment
from annotator.domain.roles import Role
from annotator.models import Membership, User
from tests import factories, world

SLAPD = shutil.which("slapd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = [
    pytest.mark.process,
    pytest.mark.django_db,
    pytest.mark.skipif(
        SLAPD is None or find_spec("django_auth_ldap") is None,
        reason="There is no slapd or no django-auth-ldap on this machine.",
    ),
]
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
security simple_bind=128
database mdb
suffix "dc=example,dc=org"
directory {folder}/data
"""
PEOPLE = """
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=nora,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: nora
cn: Nora Ny
givenName: Nora
sn: Ny
mail: nora@example.org
userPassword: kept there
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Iterator[int]:
    """Its port. It takes passwords over TLS only; its certificate signs itself."""
    folder: Path = tmp_path_factory.mktemp("slapd")
    (folder / "data").mkdir()
    _certify(folder)
    (folder / "slapd.conf").write_text(CONFIG.format(folder=folder))
    (folder / "people.ldif").write_text(PEOPLE)
    config = ["-f", str(folder / "slapd.conf")]
    add = [str(SLAPD), "-Ta", *config, "-l", str(folder / "people.ldif")]
    subprocess.run(add, check=True, capture_output=True)
    port = ports.for_a_server()
    process = subprocess.Popen(
        [str(SLAPD), *config, "-h", f"ldap://127.0.0.1:{port}", "-d", "0"],
        stderr=subprocess.DEVNULL,
    )
    with pytest.MonkeyPatch.context() as patch:
        # libldap reads whom to trust from its environment, once.
        patch.setenv("LDAPTLS_CACERT", str(folder / "cert.pem"))
        world.wait_for(lambda: _listens(port), 20)
        yield port
    process.terminate()
    process.wait(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def _certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "slapd")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))


@pytest.fixture(autouse=True)
def asked(settings, directory) -> None:
    """The settings that an operator would set."""
    values = {
        "LDAP_SERVER_URL": f"ldap://127.0.0.1:{directory}",
        "LDAP_USER_DN": "uid=%(user)s,ou=people,dc=example,dc=org",
    }
    for name, value in accounts.read(Environment(values), https=False).items():
        setattr(settings, name, value)


def sign_in(client, name: str, password: str) -> int:
    answer = client.post("/login/", {"username": name, "password": password})
    return answer.status_code


def test_whom_the_directory_knows_has_an_account_without_roles(client):
    wrong = sign_in(client, "nora", "guessed")
    right = sign_in(client, "nora", "kept there")

    made = User.objects.get()
    assert (wrong, right) == (200, 302)
    assert (made.username, made.get_full_name()) == ("nora", "Nora Ny")
    assert made.email == "nora@example.org"
    assert not made.has_usable_password()
    assert not Membership.objects.exists()
    assert client.get("/me/").status_code == 200


def test_the_second_time_it_is_the_same_account_with_its_roles(client):
    sign_in(client, "nora", "kept there")
    nora = User.objects.get()
    project = factories.make_project()
    Membership.objects.create(project=project, user=nora, role=Role.ANNOTATOR)
    client.post("/logout/")

    sign_in(client, "nora", "kept there")

    assert User.objects.count() == 1
    assert client.get("/p/demo/").status_code == 200


def test_a_password_that_is_kept_here_is_asked_first(client):
    factories.make_member(factories.make_project(), Role.ANNOTATOR, "anna")

    assert sign_in(client, "anna", factories.PASSWORD) == 302
    assert sign_in(client, "anna", "") == 200


def test_wrong_passwords_are_counted(client):
    statuses = [sign_in(client, "nora", "guessed") for _ in range(6)]

    assert statuses == [200] * 5 + [429]
    assert sign_in(client, "nora", "kept there") == 429


def test_an_account_that_was_closed_here_stays_closed(client):
    sign_in(client, "nora", "kept there")
    client.post("/logout/")
    User.objects.update(is_active=False)

    sign_in(client, "nora", "kept there")

    assert client.get("/me/").status_code == 302


def test_who_has_no_password_here_can_set_up_a_second_factor(client):
    sign_in(client, "nora", "kept there")

    page = client.get("/account/second-factor/totp/activate/")

    assert page.status_code == 200


def test_a_token_of_the_api_is_had_for_the_password_there(client):
    given = {"username": "nora", "password": "kept there"}

    assert "token" in client.post("/api/token/", given).json()


@pytest.mark.parametrize("name", ["*", "nora)(uid=*", "nora,ou=people", "nora\0"])
def test_a_name_that_means_something_to_a_directory_is_a_name(client, name):
    assert sign_in(client, name, "kept there") == 200
    assert not User.objects.exists()
