"""Hosts: this machine, each of its interfaces, or another machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.references.host import host_kind, is_elsewhere, is_this_machine


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("localhost", "loopback"),
        ("LOCALHOST.", "loopback"),
        ("api.localhost", "loopback"),
        ("localhost.localdomain", "loopback"),
        ("ip6-loopback", "loopback"),
        ("127.0.0.1", "loopback"),
        ("127.8.9.1", "loopback"),
        ("[::1]", "loopback"),
        ("::1%lo", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("[::]", "unspecified"),
        ("169.254.169.254", "link_local"),
        ("fe80::1%eth0", "link_local"),
        ("localhost.example.com", "other"),
        ("localhosting.example", "other"),
        ("127.example.com", "other"),
        ("10.0.0.1", "other"),
        ("", "other"),
    ],
)
def test_a_host_is_told_by_its_name_or_address(host: str, kind: str) -> None:
    assert host_kind(host) == kind
    assert is_this_machine(host) is (kind in ("loopback", "unspecified"))


@pytest.mark.parametrize(
    ("start", "end", "elsewhere"),
    [
        ("images-", ".amazonaws.com", True),
        ("", ".example.com", True),
        ("", ".svc.cluster.local", True),
        ("registry-", "", True),
        ("", "", False),
        ("local", "", False),
        ("localhost", "", False),
        ("127.", "", False),
        ("", ".0.1", False),
        ("", ".localhost", False),
        ("h", "", False),
    ],
)
def test_a_host_known_in_part_may_surely_be_another_machine(start: str, end: str, elsewhere: bool) -> None:
    assert is_elsewhere(start, end) is elsewhere


@given(st.text(max_size=40))
def test_any_text_is_of_some_kind(text: str) -> None:
    assert host_kind(text) in ("loopback", "unspecified", "link_local", "other")
