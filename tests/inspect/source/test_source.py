"""What is found in sources that are read line by line, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linter.inspect.source.masking import mask
from linter.judge.load import load_knowledge

Read = Callable[..., Any]


def calls(read: Read, path: str, text: str) -> list[tuple[str, str]]:
    return [(fact["api"], fact["destination"]) for fact in read(text, "source", path).of("source.call")]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.R", 'install.packages("x")', [("install.packages", "remote")]),
        ("a.R", 'utils::install.packages("x")', [("install.packages", "remote")]),
        ("a.R", 'install.packages("/opt/x.tar.gz", repos = NULL)', []),
        ("a.R", 'download.file("https://example.com/a", "a")', [("download.file", "remote")]),
        ("a.R", "download.file(address, 'a')", [("download.file", "unknown")]),
        ("a.R", 'httr::GET("http://127.0.0.1:8080/ping")', [("httr", "loopback")]),
        ("a.R", 'GET("https://example.com")', [("GET", "remote")]),
        ("a.R", 'pr$GET("/ping")\nGET("/ping")', []),
        ("a.R", 'x <- readRDS(url("https://example.com/m.rds"))', [("url", "remote")]),
        ("a.R", 'read.csv("data.csv")\nread.csv(file)', []),
        ("a.R", 'read_csv(file = "s3://bucket/data.csv")', [("readers", "remote")]),
        ("a.R", "library(paws)\nlibrary(paws)", [("library(aws.s3)", "remote")]),
        ("a.R", 'aws.s3::save_object("k", bucket = "b")', [("aws.s3", "remote")]),
        ("a.r", "# install.packages('x')\nx <- \"install.packages('y')\" # httr::GET(u)", []),
        ("a.js", "fetch('https://example.com')", [("fetch", "remote")]),
        ("a.js", "fetch(`http://localhost:${port}/x`)", [("fetch", "loopback")]),
        ("a.js", "function fetch(x) {}\nasync fetch(x) {}\nthis.fetch(x); cache.fetch(y)", []),
        ("a.ts", "await axios.post('https://example.com/score', body)", [("axios", "remote")]),
        ("a.mjs", "import { S3Client } from '@aws-sdk/client-s3';", [("@aws-sdk", "remote")]),
        ("a.js", "const AWS = require('aws-sdk')\nconst S3 = require('aws-sdk/clients/s3')", [("@aws-sdk", "remote")]),
        ("a.js", "http.createServer(f).listen(8080); http.get(options)", [("http.request", "unknown")]),
        ("a.js", "/* fetch('https://example.com') */ // axios.get('https://example.com')", []),
        (
            "A.java",
            'new URL("https://example.com/a").openStream()',
            [("URL.openConnection", "remote"), ("URL.openConnection", "unknown")],
        ),
        ("A.java", 'new URL("file:///opt/ml/model/a")', []),
        ("A.java", "import software.amazon.awssdk.services.s3.S3Client;", [("AWS SDK for Java", "remote")]),
        ("A.kt", "val client = OkHttpClient()", [("OkHttpClient", "unknown")]),
        (
            "A.scala",
            'val t = """\nhttp.Get\n"""\nSource.fromURL("https://example.com")',
            [("Source.fromURL", "remote")],
        ),
        ("A.scala", '.config("spark.jars.packages", "org.x:y:1")', [("spark.jars.packages", "remote")]),
        ("a.go", 'resp, err := http.Get("https://example.com")', [("http.Get", "remote")]),
        ("a.go", 'http.NewRequest("GET", "http://localhost:9000/x", nil)', [("http.NewRequest", "loopback")]),
        ("a.go", 'net.Dial("tcp", "example.com:80")', [("net.Dial", "remote")]),
        ("a.go", 'net.Dial("unix", "/tmp/x.sock")\nnet.Dial("tcp", "127.0.0.1:80")', [("net.Dial", "loopback")]),
        ("a.go", 'import "github.com/aws/aws-sdk-go-v2/service/s3"', [("aws-sdk-go", "remote")]),
        ("a.lua", 'local http = require "resty.http"', [("resty.http", "unknown")]),
        ("a.lua", '--[[ require "resty.http"\n]] -- require("socket.http")', []),
        ("a.jl", 'using Pkg; Pkg.add("JSON")', [("Pkg.add", "remote")]),
        ("a.jl", '#= Pkg.add("x") =#\nHTTP.serve(f, "0.0.0.0", 8080)', []),
        (
            "spark-defaults.conf",
            "spark.jars.packages  org.x:y:1\n# spark.jars.packages z",
            [("spark.jars.packages", "remote")],
        ),
        ("spark-defaults.conf", "spark.jars /opt/spark/a.jar", []),
    ],
)
def test_calls(read: Read, path: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert calls(read, path, text) == expected


@pytest.mark.parametrize(
    "path",
    [
        "public/a.js",
        "app/static/a.js",
        "a.min.js",
        "node_modules/x/a.js",
        "packrat/lib/a.R",
        "a.spec.ts",
        "vendor/a.go",
    ],
)
def test_what_a_browser_runs_and_others_wrote_is_left_alone(read: Read, path: str) -> None:
    text = 'fetch("https://example.com")\ninstall.packages("x")\nhttp.Get("https://example.com")'
    assert calls(read, path, text) == []


def test_an_r_package_may_live_in_a_folder_called_build(read: Read) -> None:
    assert calls(read, "build/serve.R", 'install.packages("x")') == [("install.packages", "remote")]


def test_a_bundle_is_nobodys_source(read: Read) -> None:
    assert calls(read, "a.js", "fetch('https://example.com');" * 100) == []


@pytest.mark.parametrize(
    ("text", "top"),
    [
        ('install.packages("x")', True),
        ('x <- install.packages("x")', True),
        ('if (!require(x)) install.packages("x")', False),
        ('f <- function() {\n  install.packages("x")\n}', False),
        ('f <- function() {\n}\ninstall.packages("x")', True),
        ('# {\ny <- "{"\ninstall.packages("x")', True),
    ],
)
def test_what_runs_whenever_the_file_does(read: Read, text: str, top: bool) -> None:
    assert read(text, "source", "a.R").one("source.call")["top_level"] is top


def test_place_and_text_of_a_call(read: Read) -> None:
    reading = read('x <- 1\ny <- httr::GET(\n  "https://example.com/a"\n)\n', "source", "a.R")
    fact = reading.one("source.call")
    assert reading.excerpt(fact) == 'httr::GET(\n  "https://example.com/a"\n)'
    assert fact["text"] == 'httr::GET( "https://example.com/a" )'
    assert fact["target"] == "https://example.com/a"


def test_a_started_script_without_an_extension(read: Read) -> None:
    reading = read('#!/usr/bin/env Rscript\ninstall.packages("x")\n', "script", "serve")
    assert [fact.kind for fact in reading.facts] == ["program.file", "source.call"]


def test_bytes_that_are_no_text_give_a_notice(read: Read) -> None:
    assert [notice.code for notice in read(b"\x00\x01", "source", "a.R").notices] == ["not-text"]


@pytest.mark.parametrize(
    "text", ["load(" * 100_000, '"' * 300_000, "fetch(`" * 50_000, "{\n" * 200_000, "/*" * 200_000]
)
@pytest.mark.parametrize("path", ["a.R", "a.js", "A.java"])
def test_hostile_texts_end_soon(read: Read, path: str, text: str) -> None:
    read("\n".join([text, "x"] + [""] * 2000), "source", path)


def test_masking_keeps_every_character_in_its_place() -> None:
    text = 'a("b // c") // d\n/* e\nf */ g(\'h\')\n"open\ni()'
    masked = mask(text, ["//"], [["/*", "*/"]], ['"', "'"], [])
    assert len(masked.code) == len(masked.without_comments) == len(text)
    assert [line.rstrip() for line in masked.code.split("\n")] == ['a("      ")', "", "     g(' ')", '"', "i()"]
    assert masked.without_comments.startswith('a("b // c")     \n')


def test_every_language_names_its_extensions_once() -> None:
    languages = load_knowledge().get("other_languages.languages")
    every = [extension for entry in languages.values() for extension in entry["extensions"]]
    assert len(every) == len(set(every))
