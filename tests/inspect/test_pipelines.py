"""Steps of build pipelines that build images with buildx."""

from __future__ import annotations

import pytest

from linter.inspect.registry import inspector_of
from linter.judge.load import load_knowledge
from linter.model import Artifact, Fact

KNOWLEDGE = load_knowledge()
WORKFLOW = """on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v3
      - uses: aws-actions/amazon-ecr-login@v2
{steps}"""


def builds(text: str, path: str = ".github/workflows/build.yml") -> list[Fact]:
    """The facts of one pipeline."""
    inspector = inspector_of("pipeline")
    assert inspector is not None
    return list(inspector(Artifact(path, "pipeline"), text.encode(), KNOWLEDGE).facts)


def action(*given: str) -> list[Fact]:
    """The facts of a workflow whose last step is an action with these arguments."""
    lines = "".join(f"          {each}\n" for each in given)
    return builds(WORKFLOW.format(steps=f"      - uses: docker/build-push-action@v6\n        with:\n{lines}"))


@pytest.mark.parametrize(
    ("given", "pushes", "attestations", "platforms"),
    [
        (["push: true"], True, "on", []),
        (["push: 'false'"], False, "on", []),
        (["push: ${{ github.event_name != 'pull_request' }}"], "unknown", "on", []),
        (["push: true", "provenance: false"], True, "off", []),
        (["push: true", "provenance: false", "sbom: true"], True, "on", []),
        (["push: true", "provenance: ${{ inputs.signed }}"], True, "unknown", []),
        (["push: true", "platforms: linux/amd64, linux/arm64"], True, "on", ["linux/amd64", "linux/arm64"]),
        (["push: true", "platforms: [linux/amd64]"], True, "on", ["linux/amd64"]),
        (["push: true", "platforms: ${{ matrix.platform }}"], True, "on", "unknown"),
        (["load: true", "outputs: type=docker"], False, "off", []),
        (["context: ."], False, "on", []),
    ],
)
def test_what_an_action_says(given: list[str], pushes: object, attestations: str, platforms: object) -> None:
    (fact,) = action(*given)
    found = (fact["form"], fact["pushes"], fact["attestations"], fact["platforms"], fact["to_ecr"])
    assert found == ("action", pushes, attestations, platforms, True)
    assert fact.location.line == 8


def test_a_command_stands_in_its_line() -> None:
    steps = "      - name: Push\n        env: {TAG: 'a'}\n        run: |\n          echo ${{ github.sha }}\n"
    steps += "          docker buildx build -f docker/Dockerfile --platform linux/amd64 \\\n"
    steps += "            -t ${{ steps.ecr.outputs.registry }}/m:1 --push docker\n"
    (fact,) = builds(WORKFLOW.format(steps=steps))
    assert (fact["form"], fact["pushes"], fact["attestations"]) == ("command", True, "on")
    assert (fact["dockerfile"], fact["context"], fact["platforms"]) == ("docker/Dockerfile", "docker", ["linux/amd64"])
    assert fact.location.line == 12


def test_commands_of_other_pipelines() -> None:
    text = "version: 0.2\nenv:\n  variables: {BUILDX_NO_DEFAULT_ATTESTATIONS: 1}\nphases:\n  build:\n    commands:\n"
    text += "      - docker build -t m .\n      - docker buildx build -t 1.dkr.ecr.us-east-1.amazonaws.com/m --push .\n"
    (fact,) = builds(text, "buildspec.yml")
    assert (fact["pushes"], fact["attestations"], fact["to_ecr"], fact.location.line) == (True, "off", True, 8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "jobs: 3\n",
        "jobs: {a: {steps: 3}}\n",
        "jobs: {a: {steps: [3, null, {uses: 3}, {run: [buildx]}]}}\n",
        "jobs: {a: {env: [1], steps: [{uses: docker/build-push-action@v6, with: [1]}]}}\n",
        "env: {env: 3}\nscript: 'docker buildx'\n",
        "a: &a [buildx, buildx]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "run: 'docker buildx build --push \"'\n",
        "a: [" * 200 + "buildx",
        "{" * 5000,
        "\x00buildx",
    ],
)
def test_odd_pipelines_are_no_reason_to_stop(text: str) -> None:
    assert all(fact.kind == "image.build" for fact in builds(text))
