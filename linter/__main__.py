"""`python -m linter` is `mllint`."""

from linter.cli.main import main

main()
