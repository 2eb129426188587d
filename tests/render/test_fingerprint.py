"""The line hash must be GitHub's; our own key must survive moved lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.render.fingerprint import line_hashes, stable_keys

from .samples import PORT, at, finding


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        # Values that github/codeql-action expects in its own tests.
        ("", ["c129715d7a2bc9a3:1"]),
        (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
        (
            "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n",
            [
                "e54938cc54b302f1:1",
                "bb609acbe9138d60:1",
                "1131fd5871777f34:1",
                "5c482a0f8b35ea28:1",
                "54517377da7028d2:1",
                "2c644846cb18d53e:1",
                "f1b89f20de0d133:1",
                "c129715d7a2bc9a3:1",
            ],
        ),
        (
            " hello; \t\r\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
            [
                "e9496ae3ebfced30:1",
                "fb7c023a8b9ccb3f:1",
                "ce8ba1a563dcdaca:1",
                "e20e36e16fcb0cc8:1",
                "b3edc88f2938467e:1",
                "c8e28b0b4002a3a0:1",
                "c129715d7a2bc9a3:1",
            ],
        ),
        (
            "Lorem ipsum dolor sit amet.\n" * 10,
            [
                *(f"a7f2ff13bc495cf2:{n}" for n in range(1, 7)),
                "a7f2ff1481e87703:1",
                "a9cf91f7bbf1862b:1",
                "55ec222b86bcae53:1",
                "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1",
            ],
        ),
    ],
)
def test_line_hashes_are_those_of_the_uploader(text: str, hashes: list[str]) -> None:
    assert line_hashes(text) == hashes


def rolled(text: str) -> list[str]:
    """The hash by its definition: one window for each line, no shortcut."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    data = plain.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(data[n : n + 2], "little") for n in range(0, len(data), 2)]
    starts = [0, *(n + 1 for n, unit in enumerate(units) if unit == 10)]
    seen: dict[str, int] = {}
    hashes = []
    for start in starts:
        window = ([*units, 65535][start : start + 100] + [0] * 100)[:100]
        value = f"{sum(unit * 37 ** (99 - n) for n, unit in enumerate(window)) % 2**64:x}"
        seen[value] = seen.get(value, 0) + 1
        hashes.append(f"{value}:{seen[value]}")
    return hashes


@given(st.text(st.sampled_from("ab \t\r\né漢😀\ufeff\0"), max_size=400))
def test_line_hashes_by_definition(text: str) -> None:
    assert line_hashes(text) == rolled(text)


def test_keys_survive_moved_lines_and_new_blanks() -> None:
    before = finding(location=at("a.sh", 2, 1))
    after = finding(location=at("a.sh", 5, 3))
    first = stable_keys([before], {"a.sh": "x\ncurl url\n"})[id(before)]
    moved = stable_keys([after], {"a.sh": "x\ny\n\n\n  curl   url\n"})[id(after)]
    assert first == moved


def test_keys_tell_rules_paths_and_equal_lines_apart() -> None:
    findings = [
        finding(location=at("a.sh", 2)),
        finding(location=at("a.sh", 1)),
        finding(PORT, at("a.sh", 1)),
        finding(location=at("b.sh", 1)),
        finding(location=at("gone.sh", 1), message="one"),
        finding(location=at("gone.sh", 1), message="two"),
    ]
    keys = stable_keys(findings, {"a.sh": "curl\ncurl\n", "b.sh": "curl\n"})
    assert len(set(keys.values())) == len(findings)
    assert keys[id(findings[1])].endswith(":1")
    assert keys[id(findings[0])] == keys[id(findings[1])].replace(":1", ":2")
