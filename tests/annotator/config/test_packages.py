"""What of the requirements is here is told by what pip writes last."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from annotator.config import packages


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages, and requirements that name two that need a third."""
    (tmp_path / "all.txt").write_text("# two parts\n-r part/one.txt\nmade-two==2\n")
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "one.txt").write_text("Made.One==1.0  # the first\n")
    found = tmp_path / "site"
    found.mkdir()
    monkeypatch.setattr(sys, "path", [str(found), *sys.path])
    install(found, "made_one", "1.0+cpu", needs="made-three")
    install(found, "made_two", "2")
    install(found, "made_three", "7")
    return found


def install(site: Path, name: str, version: str, needs: str = "") -> Path:
    papers = site / f"{name}-{version}.dist-info"
    papers.mkdir()
    more = f"Requires-Dist: {needs}\n" if needs else ""
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"
    (papers / "METADATA").write_text(text)
    (papers / "RECORD").write_text("")
    return papers


def test_all_that_is_pinned_and_whole_is_there(site):
    assert packages.lacking("all.txt", site.parent) == []


def test_a_file_names_others_and_each_line_knows_its_own(tmp_path):
    (tmp_path / "all.txt").write_text("-r one.txt\ntwo\n")
    (tmp_path / "one.txt").write_text("one==1\n")

    found = [(str(one), file) for one, file in packages.asked("all.txt", tmp_path)]

    assert found == [("one==1", "one.txt"), ("two", "all.txt")]


@pytest.mark.parametrize("name", ["made_one-1.0+cpu", "made_two-2", "made_three-7"])
def test_what_pip_has_not_finished_is_lacking(site, name):
    (site / f"{name}.dist-info" / "RECORD").unlink()

    lacking = packages.lacking("all.txt", site.parent)

    assert lacking == [name.partition("-")[0].replace("_", "-")]


def test_what_another_needs_is_lacking_too(site):
    install(site, "made_four", "1", needs="made-five")
    (site / "made_two-2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: made_two\nVersion: 2\nRequires-Dist: made-four\n"
    )

    assert packages.lacking("all.txt", site.parent) == ["made-five"]


def test_another_version_is_not_what_is_pinned(site):
    papers = site / "made_two-2.dist-info"
    papers.joinpath("METADATA").write_text(
        "Metadata-Version: 2.1\nName: made_two\nVersion: 2.1\n"
    )
    papers.rename(site / "made_two-2.1.dist-info")

    assert packages.lacking("all.txt", site.parent) == ["made-two"]


def test_papers_of_what_broke_off_go_so_that_pip_installs_it_again(site):
    (site / "made_two-2.dist-info" / "RECORD").unlink()
    (site / "made_two").mkdir()

    assert packages.mend(site) == ["made_two-2.dist-info"]

    assert (site / "made_two").exists()
    assert packages.mend(site) == []
    assert packages.lacking("all.txt", site.parent) == ["made-two"]
