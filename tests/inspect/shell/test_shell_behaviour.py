"""What start scripts write, which failures they hide, which signals they ignore, which arguments they take."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cp /opt/program/a /srv/b", [("write", "/srv/b")]),
        ("mkdir -p /srv/a /srv/b", [("make", "/srv/a"), ("make", "/srv/b")]),
        ("touch /srv/a", [("write", "/srv/a")]),
        ("echo x > /srv/a", [("write", "/srv/a")]),
        ("python a.py >> /var/log/a 2>&1", [("write", "/var/log/a")]),
        ("PLACE=/srv\ncp a $PLACE/b", [("write", "/srv/b")]),
        ("cp a $1", []),
        ("cat /srv/a", []),
        ("cp a b", []),
    ],
)
def test_files(read: Any, command: str, expected: list[tuple[str, str]]) -> None:
    found = read(f"#!/bin/bash\n{command}\n").of("file.access")
    assert [(fact["mode"], fact["argument"]) for fact in found] == expected


@pytest.mark.parametrize(
    ("script", "forms"),
    [
        ("python train.py || true", ["ignored"]),
        ("python train.py || echo failed", ["ignored"]),
        ("python train.py || exit 0", ["ignored"]),
        ("python train.py || exit 1", []),
        ("rm -f x || true\npython train.py", []),
        ("python train.py\necho done", ["hidden"]),
        ("python train.py\nexit 0", ["hidden"]),
        ("python train.py\nexit", []),
        ("python train.py\nexit $?", []),
        ("python train.py\ncp -r out /opt/ml/model", []),  # fails too, when there is nothing to copy
        ("set -e\npython train.py\necho done", []),
        ("set -euo pipefail\npython train.py\necho done", []),
        ("python train.py &\nwait", []),
        ("exec python train.py", []),
        ("if python train.py; then echo done; fi", []),
    ],
)
def test_failures(read: Any, script: str, forms: list[str]) -> None:
    assert [fact["form"] for fact in read(f"#!/bin/bash\n{script}\n").of("program.exit")] == forms


def test_a_shell_that_ends_with_its_first_error(read: Any) -> None:
    assert not read("#!/bin/bash -e\npython train.py\necho done\n").of("program.exit")


@pytest.mark.parametrize(
    ("command", "signals"),
    [
        ("trap '' TERM", ["SIGTERM"]),
        ("trap '' SIGTERM INT", ["SIGTERM", "SIGINT"]),
        ("trap stop TERM", []),
        ("trap - TERM", []),
    ],
)
def test_signals(read: Any, command: str, signals: list[str]) -> None:
    assert [fact["signal"] for fact in read(f"#!/bin/bash\n{command}\n").of("program.signal")] == signals


@pytest.mark.parametrize(
    ("branches", "accepted"),
    [
        ("serve) a;; train) b;; *) exit 1;;", ["serve", "train"]),
        ("serve|api) a;; *) echo usage; exit 2;;", ["serve", "api"]),
        ('serve) a;; *) exec "$@";;', None),
        ("serve) a;; *) b;;", None),
        ("serve) a;;", "unknown"),
        ("s*) a;; *) exit 1;;", "unknown"),
    ],
)
def test_arguments(read: Any, branches: str, accepted: Any) -> None:
    for value in ("$1", '"$1"', "${1}", '"${1:-serve}"'):
        assert read(f"#!/bin/bash\ncase {value} in\n{branches}\nesac\n").one("program.argument")["accepted"] == accepted


def test_a_case_over_something_else(read: Any) -> None:
    assert not read("#!/bin/bash\necho $1\ncase $MODE in a) b;; *) exit 1;; esac\n").of("program.argument")
