"""`python -m linter` is `mllint`."""

from linter.cli.main import run

run()
