"""A setting that cannot be used is refused at start, by name, in a sentence."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys

import pytest

from annotator.config.places import BASE

pytestmark = pytest.mark.process

BAD = [
    ("COACHLM_PORT", "abc", "a whole number"),
    ("COACHLM_PORT", "0", "1 to 65535"),
    ("COACHLM_PORT", "65536", "1 to 65535"),
    ("COACHLM_PORT", "8000.5", "a whole number"),
    ("COACHLM_HOST", "nowhere.invalid", "an address of this machine"),
    ("COACHLM_HOST", "203.0.113.7", "an address of this machine"),
    ("COACHLM_VAR", "/dev/null/var", "a folder"),
]
BAD_IN_SETTINGS = [
    ("DEBUG", "maybe", "1 or 0"),
    ("COACHLM_DEMO", "2", "1 or 0"),
    ("TIME_ZONE", "Mars/Olympus", "a time zone"),
    ("CSRF_TRUSTED_ORIGINS", "host.org", "https://host"),
    ("DATABASE_URL", "mysql://a:secret@b/c", "postgresql://"),
    ("DATABASE_URL", "postgresql://a:secret@b:port/c", "postgresql://"),
    ("DATABASE_URL", "nonsense", "postgresql://"),
    ("DATABASE_URL", "postgresql://a:secret@b/c?sslmod=disable", '"sslmod"'),
    ("CELERY_BROKER_URL", "kafka://:secret@b", "redis://"),
    ("REVISION_BACKEND", "no.such.Backend", "a class that is installed"),
    ("REVISION_BACKEND", "Backend", "a class that is installed"),
    ("TRAINING_RECIPE", "no.such.recipe", "a module that is installed"),
    ("COACHLM_COACH_STORAGE", "..", "a class that is installed"),
    ("COACHLM_COACH_STORAGE_OPTIONS", "[1]", "a JSON object"),
    ("COACHLM_COACH_STORAGE_OPTIONS", "{", "a JSON object"),
    ("OPENAI_BASE_URL", "localhost:8001", "http://"),
    ("OPENAI_TRIES", "many", "a whole number"),
    ("JUDGE_BASE_URL", "judge:8001", "http://"),
    ("JUDGE_PROMPT_PRICE", "-1", "0 to 1000000"),
    ("JUDGE_PROMPT_PRICE", "nan", "0 to 1000000"),
    ("JUDGE_COMPLETION_PRICE", "dear", "a number"),
    ("DRAFT_BATCH_SIZE", "0", "1 to 1000000"),
    ("DRAFT_STALE_MINUTES", "99999999999999999999", "1 to 1000000"),
    ("UNDO_SECONDS", "1e3", "a whole number"),
    ("HELD_OUT_SHARE", "1", "below 1"),
    ("HELD_OUT_SHARE", "nan", "below 1"),
    ("REPORT_FONT", "/nowhere.ttf", "font"),
    ("REPORT_FONT", "/proc/self/cmdline", "font"),
    ("COACHLM_RUNS", "/dev/null/runs", "a folder"),
    ("SECRET_KEY", "two\nlines", "one line"),
]


def run(module: str, tmp_path, **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=BASE,
        env={**os.environ, "COACHLM_VAR": str(tmp_path), **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(("name", "value", "allowed"), BAD)
def test_up_refuses_a_bad_setting_before_it_starts_anything(
    tmp_path, name, value, allowed
):
    done = run("annotator.config.up", tmp_path, **{name: value})

    words = done.stdout + done.stderr
    assert done.returncode == 2
    assert f"{name} must be" in words
    assert allowed in words
    assert "Traceback" not in words
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "value", "allowed"), BAD_IN_SETTINGS)
def test_a_setting_that_makes_no_sense_is_named_and_never_shows_a_password(
    tmp_path, name, value, allowed, monkeypatch
):
    with pytest.raises(SystemExit) as refusal:
        read_settings(monkeypatch, tmp_path, name, value)

    assert f"{name} must be" in str(refusal.value)
    assert allowed in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_good_settings_are_read(tmp_path, monkeypatch):
    good = "postgresql://a:b@c:5432/d"

    found = read_settings(monkeypatch, tmp_path, "DATABASE_URL", good)

    assert found["DATABASES"]["default"]["NAME"] == "d"


def test_parameters_of_the_address_are_kept_and_win_over_ours(tmp_path, monkeypatch):
    url = (
        "postgresql://a:b@c/d?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=9"
    )

    found = read_settings(monkeypatch, tmp_path, "DATABASE_URL", url)

    options = found["DATABASES"]["default"]["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert options["sslrootcert"] == "/ca.pem"
    assert options["connect_timeout"] == 9
    assert options["keepalives_idle"] == 10  # nobody asked for another
    assert options["pool"]["max_size"]


SPEAK = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_setting('application_name')")
    print(*cursor.fetchone(), connection.connection.info.get_parameters()["sslmode"])
"""


def test_parameters_of_the_address_reach_the_server(tmp_path, settings):
    url = f"{settings.DATABASE_URL}?sslmode=disable&application_name=x"

    done = subprocess.run(
        [sys.executable, "-c", SPEAK],
        cwd=BASE,
        env={**os.environ, "COACHLM_VAR": str(tmp_path), "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("x disable\n", "")


def read_settings(monkeypatch, tmp_path, name: str, value: str) -> dict[str, object]:
    """What settings.py says with this one set: the file is run as a new start does."""
    monkeypatch.setenv(name, value)
    return runpy.run_path(str(BASE / "annotator" / "config" / "settings.py"))


@pytest.mark.parametrize("module", ["annotator.config.doctor", "annotator.config.up"])
def test_a_program_ends_with_code_2_and_no_traceback(tmp_path, module):
    done = run(module, tmp_path, UNDO_SECONDS="soon")

    words = done.stdout + done.stderr
    assert done.returncode == 2
    assert "UNDO_SECONDS must be a whole number, not 'soon'." in words
    assert "Traceback" not in words


def test_a_management_command_ends_so_too(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE,
        env={**os.environ, "COACHLM_VAR": str(tmp_path), "HTTPS": "perhaps"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (
        2,
        "HTTPS must be 1 or 0, not 'perhaps'.\n",
    )
