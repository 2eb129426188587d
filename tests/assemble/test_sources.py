"""Which files of programs in other languages a start leads to, and what is said of their calls."""

from __future__ import annotations

import pytest

from linter.engine import check_texts

NODE = 'FROM node:22-slim\nWORKDIR /opt/program\nCOPY . .\nENTRYPOINT ["node", "server.js"]\n'
CALL = "const prices = fetch('https://api.example.com/prices');\n"
RULES = ("NET041", "NET042", "NET043", "NET092")


def found(files):
    findings = check_texts(files, frozenset(), {})
    return {(each.rule, each.location.path): each for each in findings if each.rule in RULES}


@pytest.mark.parametrize(
    ("link", "file"),
    [
        ("const p = require('./lib/prices');", "lib/prices.js"),
        ("const p = require('./lib');", "lib/index.js"),
        ("import { table } from './lib/prices.js';", "lib/prices.js"),
        ("import './lib/prices.mjs';", "lib/prices.mjs"),
        ("export * from './lib/prices.js';", "lib/prices.ts"),
    ],
)
def test_modules_that_a_program_loads_run_with_it(link, file):
    files = {"Dockerfile": NODE, "server.js": f"{link}\n", file: CALL}
    finding = found(files)["NET041", file]
    assert [step.location.path for step in finding.trace] == ["Dockerfile", "server.js"]


@pytest.mark.parametrize(
    "link",
    [
        "// require('./lib/prices')",
        "const text = \"require('./lib/prices')\";",
        "function later() { return require('./lib/prices'); }",
        "const p = require('lib/prices');",
        "const p = require(name);",
    ],
)
def test_modules_that_may_not_be_loaded_stay_a_warning(link):
    files = {"Dockerfile": NODE, "server.js": f"{link}\n", "lib/prices.js": CALL}
    assert set(found(files)) == {("NET042", "lib/prices.js")}


def test_scripts_of_r_are_followed_by_image_paths_and_from_command_lines():
    files = {
        "Dockerfile": "FROM rocker/r-ver:4.4.1\nWORKDIR /srv\nCOPY app /srv\n"
        'ENTRYPOINT ["Rscript", "-e", "pr <- plumber::plumb(\'api.R\'); pr$run(port = 8080)"]\n',
        "app/api.R": 'source("/srv/setup.R")\n',
        "app/setup.R": 'install.packages("xgboost")\n',
    }
    assert set(found(files)) == {("NET041", "app/setup.R")}


def test_files_that_load_each_other_end():
    files = {
        "Dockerfile": NODE,
        "server.js": "require('./a')\n",
        "a.js": "require('./b')\n",
        "b.js": f"require('./a')\n{CALL}",
    }
    assert set(found(files)) == {("NET041", "b.js")}


GO = (
    "FROM golang:1.23 AS build\nWORKDIR /work\nCOPY . .\nRUN go build -o /scorer .\n"
    'FROM alpine:3.20\nCOPY --from=build /scorer /opt/ml/scorer\nENTRYPOINT ["/opt/ml/scorer"]\n'
)


def test_the_package_of_a_compiled_program_is_a_part_of_it():
    files = {
        "Dockerfile": GO,
        "main.go": "package main\n\nfunc main() {\n\tserve()\n}\n",
        "store.go": 'package main\n\nimport "net/http"\n\nfunc load() {\n\thttp.Get("https://example.com/table")\n}\n',
    }
    finding = found(files)["NET042", "store.go"]
    assert [step.location.path for step in finding.trace] == ["main.go"]


def test_several_programs_say_nothing_of_which_is_built():
    main = "package main\n\nfunc main() {\n}\n"
    call = 'package main\n\nimport "net/http"\n\nfunc load() {\n\thttp.Get("https://example.com/table")\n}\n'
    files = {"Dockerfile": GO, "cmd/a/main.go": main, "cmd/b/main.go": main, "cmd/a/store.go": call}
    assert set(found(files)) <= {("NET043", "cmd/a/store.go")}
