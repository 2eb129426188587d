"""Stand-ins for what the renderers get, and one report that shows most of what can happen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from linter.model import Artifact, Edit, Finding, Location, Notice, Report, Span, Step, Suppression

DOCKERFILE = """\
FROM python:3.11
RUN apt-get update && \\
    curl -sSL https://example.com/install.sh | sh
COPY . /opt/ml
ENTRYPOINT ["python", "serve.py"]
"""
NGINX = "server {\n\tlisten 80;\n\tclient_max_body_size 1m;\n}\n"


@dataclass(frozen=True)
class Rule:
    id: str
    name: str
    summary: str = "Something is not as it must be."
    severity: str = "error"
    confidence: str = "high"
    requirement: tuple[str, ...] = ("no-network",)
    on: str = "shell.command"
    message: str = "{program} is run."
    why: str = "The container has no network. So every download fails."
    fix: str = "Bring the file along in the image."
    sources: tuple[Any, ...] = ({"document": "Seller guide", "section": "Network isolation"},)
    tags: tuple[str, ...] = ("network",)
    security_severity: str | None = None


@dataclass(frozen=True)
class Requirement:
    slug: str
    theme: str = "network"
    strength: str = "must"
    title: str = "The container works without a network."


FETCH = Rule("MLP001", "downloads-at-build", summary="The image runs what it downloads.", tags=("security", "network"))
PORT = Rule(
    "MLP002",
    "wrong-port",
    summary="The server listens on another port.",
    severity="warning",
    confidence="medium",
    requirement=("port-8080", "not-in-the-catalog"),
    why="SageMaker talks to port 8080.",
    fix="Write `listen 8080;`.",
)
QUIET = Rule("MLP003", "never-fires", severity="note", confidence="low", security_severity="4.2")


def at(
    path: str, line: int = 1, column: int = 1, end_line: int | None = None, end_column: int | None = None
) -> Location:
    """A location; on one line and one character long unless told otherwise."""
    return Location(path, Span(line, column, end_line or line, end_column or column + 1))


def finding(
    rule: Rule = FETCH, location: Location | None = None, message: str = "It is wrong.", **more: Any
) -> Finding:
    """A finding of a rule."""
    location = location or at("Dockerfile")
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=more.pop("severity", rule.severity),
        confidence=rule.confidence,
        message=message,
        location=location,
        statement=more.pop("statement", location),
        requirement=rule.requirement,
        **more,
    )


def report(*findings: Finding, **more: Any) -> Report:
    """A report of these findings over the two sample files."""
    values: dict[str, Any] = {
        "findings": findings,
        "suppressed": (),
        "notices": (),
        "artifacts": (
            Artifact("Dockerfile", "dockerfile", len(DOCKERFILE)),
            Artifact("conf/nginx.conf", "nginx", len(NGINX)),
        ),
        "rules": (FETCH, PORT, QUIET),
        "sources": {"Dockerfile": DOCKERFILE, "conf/nginx.conf": NGINX},
        "base": "/srv/product",
        "exit_code": 1 if findings else 0,
        "requirements": (Requirement("port-8080"), Requirement("no-network")),
    }
    return Report(**{**values, **more})


WAY = (
    Step(at("Dockerfile", 5, 1, 5, 34), "ENTRYPOINT serve"),
    Step(at("app/serve", 3), "imports predictor"),
    Step(at("app/predictor.py", 10, 5), "load()"),
)


def traced(*steps: Step, **more: Any) -> Finding:
    """A finding with the way to its place; three steps unless told otherwise."""
    place, message = at("app/weights.py", 7, 12, 7, 40), more.pop("message", "`requests.get` calls out.")
    return finding(location=place, message=message, trace=steps or WAY, **more)


def full() -> Report:
    """One report with nearly everything: related places, edits, notices, suppressed findings."""
    fetch = finding(
        location=at("Dockerfile", 3, 5, 3, 50),
        statement=at("Dockerfile", 2, 1, 3, 50),
        message="`curl` downloads a program and `sh` runs it.",
        related=((at("Dockerfile", 5, 1, 5, 34), "the container starts here"),),
    )
    port = finding(
        PORT,
        at("conf/nginx.conf", 2, 9, 2, 11),
        "nginx listens on port 80.",
        edits=(Edit(at("conf/nginx.conf", 2, 9, 2, 11), "8080", "Listen on port 8080"),),
    )
    apart = replace(
        port,
        location=at("conf/nginx.conf", 3, 2, 3, 27),
        message="Bodies are small.",
        suppression=Suppression("comment", "agreed with the team", at("conf/nginx.conf", 3, 1)),
    )
    return report(
        fetch,
        port,
        suppressed=(apart,),
        notices=(
            Notice("too-large", "The file is larger than 1 MiB; raise `max_size` to have it read.", "model/a.json"),
            Notice("too-large", "The file is larger than 1 MiB; raise `max_size` to have it read.", "model/b.json"),
            Notice("syntax", "The file is not valid JSON.", "listing.json", Span(4, 2, 4, 3), "warning"),
        ),
    )
