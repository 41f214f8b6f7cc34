"""Sheets and modules in one file: nothing lost, nothing mixed up, else refused."""

from __future__ import annotations

import pytest

from annotator.config import bundles

MODULES = {
    "js/app.js": (
        'import * as desk from "./desk.js";\nimport "./keys.js";\n'
        'import { word, tab as name } from "./page.js";\n\ndesk.open(word, name);\n'
    ),
    "js/desk.js": (
        'import { word } from "./page.js";\n\nlet kept = 1;\n'
        "export function open() {\n  return kept;\n}\n"
    ),
    "js/keys.js": "let kept = 2;\n",
    "js/page.js": 'export const tab = "a";\nexport async function word() {}\n',
}


def test_modules_run_once_each_and_in_the_order_of_a_browser():
    made = bundles.module("js/app.js", MODULES.__getitem__)

    scopes = [line.split()[1] for line in made.splitlines() if "(() =>" in line]
    assert scopes == ["$page", "$desk", "$keys", "$app"]
    assert "const desk = $desk;" in made
    assert "const { word, tab: name } = $page;" in made
    assert "return {tab, word};" in made
    assert "import" not in made
    assert "export" not in made


def test_a_module_that_imports_itself_is_refused():
    turning = {"js/a.js": 'import "./b.js";\n', "js/b.js": 'import "./a.js";\n'}

    with pytest.raises(bundles.CannotBundle, match="imports itself"):
        bundles.module("js/a.js", turning.__getitem__)


@pytest.mark.parametrize(
    "line",
    [
        "export let changing = 1;",
        "export default open;",
        'import thing from "./a.js";',
        'const later = await import("./a.js");',
    ],
)
def test_another_form_of_import_or_export_is_refused_by_name(line):
    with pytest.raises(bundles.CannotBundle, match="js/a"):
        bundles.module("js/a.js", {"js/a.js": f"{line}\n"}.__getitem__)


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ('// Why.\nconst a = "//b"; // here\n/** C. */\nrun(a);\n', False),
        ("const a = `one\n// two\n`;\n", True),
    ],
)
def test_remarks_go_and_texts_stay(source, kept):
    made = bundles.module("js/a.js", {"js/a.js": source}.__getitem__)

    assert ("\n// two" in made) == kept
    assert ('"//b"; // here' in made) != kept
    assert "Why" not in made


def test_a_sheet_stands_in_the_place_of_its_import():
    sheets = {
        "css/app.css": '@import "tokens.css";\n@import "base.css";\na { top: 0 }\n',
        "css/tokens.css": "@layer tokens, base;\n",
        "css/base.css": "@layer base { b { top: 1px } }\n",
    }

    made = bundles.sheet("css/app.css", sheets.__getitem__)

    assert made == (
        "@layer tokens, base;\n@layer base { b { top: 1px } }\na { top: 0 }\n"
    )


def test_a_sheet_from_elsewhere_is_refused():
    sheets = {"css/app.css": '@import url("https://example.org/x.css");\n'}

    with pytest.raises(bundles.CannotBundle, match=r"css/app\.css"):
        bundles.sheet("css/app.css", sheets.__getitem__)
