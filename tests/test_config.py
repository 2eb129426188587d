"""The configuration: where it is found, what it refuses, how it merges with the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from linter.config import Config, ConfigError, find_config, load_config

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_the_nearest_file_upward_wins(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    outer = write(tmp_path / ".mllint.yaml", "fail_on: note\n")
    assert find_config(tmp_path / "a") == outer if (tmp_path / "a").mkdir() is None else False
    inner = write(tmp_path / "a" / ".mllint.yaml", "fail_on: never\n")
    assert find_config(tmp_path / "a") == inner


def test_the_search_ends_at_the_repositorys_root(tmp_path: Path) -> None:
    write(tmp_path / ".mllint.yaml", "fail_on: note\n")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert find_config(tmp_path / "repository") is None


def test_pyproject_counts_only_with_its_table(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    path = write(tmp_path / "pyproject.toml", "[project]\nname='x'\n")
    assert find_config(tmp_path) is None
    path.write_text('[tool.mllint]\nseller_account = "123456789012"\nignore = ["CTR"]\n')
    assert find_config(tmp_path) == path
    config = load_config(path)
    assert (config.seller_account, config.ignore) == ("123456789012", ("CTR",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("selekt: []\n", ":1:1: unknown key `selekt`; did you mean `select`?"),
        ("rules:\n  extras: []\n", ":2:3: unknown key `extras`; did you mean `extra`?"),
        ("seller_account: 123456789012\n", ":1:17: `seller_account` must be twelve digits in quotes"),
        ("fail_on: maybe\n", ":1:10: `fail_on` must be one of error, warning, note, never"),
        ("select: CTR007\n", ":1:9: `select` must be a list"),
        ("suppress:\n  - rule: CTR001\n    path: x\n", "suppress.0"),
        ("a: [1\n", ".mllint.yaml:"),
        ("ignore: []\nignore: []\n", ":2:1:"),
        ("- 1\n", "the configuration"),
        ("fail_on: note\n---\nfail_on: note\n", "2 YAML documents"),
    ],
)
def test_refusals_name_place_and_remedy(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path / ".mllint.yaml", text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"---\n"])
def test_an_empty_file_is_a_configuration(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / ".mllint.yaml"
    path.write_bytes(data)
    assert load_config(path) == Config(path=path)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x: " + b"a" * 2_000_000])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / ".mllint.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError):
        load_config(path)


def test_lists_add_up_and_single_values_are_replaced() -> None:
    config = Config(select=("CTR",), ignore=("IMG",), fail_on="note", region="us-east-1")
    merged = config.with_command_line(select=("INF",), ignore=(), exclude=("x",), fail_on="error", region=None)
    assert merged.select == ("CTR", "INF")
    assert merged.ignore == ("IMG",)
    assert (merged.fail_on, merged.region, merged.exclude) == ("error", "us-east-1", ("x",))


@pytest.mark.parametrize("place", ["gs://bucket/samples/", "s3://", "s3//bucket/samples/", "''", "3"])
def test_public_data_is_a_place_in_s3_or_a_path(tmp_path: Path, place: str) -> None:
    with pytest.raises(ConfigError, match=r"1:15: `public_data\.0` must be a place such as `s3://bucket/samples/`"):
        load_config(write(tmp_path / ".mllint.yaml", f"public_data: [{place}]\n"))
