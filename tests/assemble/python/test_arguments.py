"""What programs make of the word that SageMaker appends to the ENTRYPOINT."""

from __future__ import annotations

import json

import pytest

from linter.assemble import assemble
from linter.discover import discover
from linter.inspect.run import inspect_all
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree

CLICK = "import click\n\n\n"
TYPER = "import typer\n\napp = typer.Typer()\n\n\n"
GROUP = "@click.group()\ndef main():\n    pass\n\n\n"
COMMAND = "@app.command()\ndef fit(epochs: int = 3):\n    pass\n\n\n"
OTHER = "@app.command(name='train')\ndef other():\n    pass\n\n\n"
ARGV = "import sys\n"
MAIN = "\n\ndef main():\n"
MATCH = "match sys.argv[1]:\n    case 'fit' | 'check':\n        pass\n"
DOCOPT = '"""Trains.\n\nUsage:\n  {0}\n\nOptions:\n  -v  more\n"""\nfrom docopt import docopt\nargs = docopt(__doc__)\n'
ABSL = "from absl import app\n\n\ndef main(argv):\n{0}\n\nif __name__ == '__main__':\n    app.run(main)\n"
ELSE = "    pass\nelse:\n    sys.exit(2)\n"


def rejected(code: str, *arguments: str) -> list[str]:
    """Whether `train` is refused by `python train.py ARGUMENTS train`, of each place that looks at it."""
    entrypoint = json.dumps(["python", "train.py", *arguments])
    dockerfile = f"FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY train.py .\nENTRYPOINT {entrypoint}\n"
    tree = MemoryTree({"Dockerfile": dockerfile.encode(), "train.py": code.encode()})
    knowledge = load_knowledge()
    found = assemble(inspect_all(tree, discover(tree, [""]).artifacts, knowledge).facts, tree, knowledge)
    return [fact["rejected"] for fact in found if fact.kind == "program.argument"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (CLICK + "@click.command()\ndef main():\n    pass\n\n\nmain()\n", ["yes"]),
        ("import fire\n\n\ndef main(role):\n    pass\n\n\nfire.Fire(main)\n", ["no"]),
        ("import fire\n\n\ndef main():\n    pass\n\n\nfire.Fire(main)\n", ["yes"]),
        ("import fire\n\n\nclass Cli:\n    def train(self):\n        pass\n\n\nfire.Fire(Cli)\n", ["no"]),
        ("import fire\n\n\nclass Cli:\n    def run(self):\n        pass\n\n\nfire.Fire(Cli)\n", ["yes"]),
        ("import fire\n\n\ndef run():\n    pass\n\n\nfire.Fire({'train': run})\n", ["no"]),
        ("import fire\n\n\nfire.Fire()\n", ["unknown"]),
        (CLICK + "@click.command()\n@click.argument('role')\ndef main(role):\n    pass\n\n\nmain()\n", ["no"]),
        (CLICK + "@click.command(context_settings={})\ndef main():\n    pass\n\n\nmain()\n", ["unknown"]),
        (CLICK + "@click.command()\n@other\ndef main():\n    pass\n\n\nmain()\n", ["unknown"]),
        (CLICK + GROUP + "@main.command()\ndef train():\n    pass\n\n\nmain()\n", ["no"]),
        (CLICK + GROUP + "@main.command('fit')\ndef train():\n    pass\n\n\nmain()\n", ["yes"]),
        (CLICK + GROUP + "main.add_command(train)\nmain()\n", ["unknown"]),
        (CLICK + "@click.command()\ndef main():\n    pass\n\n\nmain(['--help'])\n", []),
        (TYPER + COMMAND + "app()\n", ["yes"]),
        (TYPER + COMMAND.replace("int = 3", "int") + "app()\n", ["no"]),
        (TYPER + COMMAND + OTHER + "app()\n", ["no"]),
        (TYPER + COMMAND + OTHER.replace("train", "check") + "app()\n", ["yes"]),
        (TYPER + COMMAND + "app.add_typer(others)\napp()\n", ["unknown"]),
        ("import typer\n\n\ndef main(word: str):\n    pass\n\n\ntyper.run(main)\n", ["no"]),
        ("import typer\n\n\ndef main():\n    pass\n\n\ntyper.run(main)\n", ["yes"]),
        (ARGV + "if sys.argv[1] == 'fit':\n" + ELSE, ["yes"]),
        (ARGV + "if sys.argv[1] in ('fit', 'train'):\n" + ELSE, ["no"]),
        (ARGV + "word = sys.argv[1]\nif word == 'fit':\n    pass\nelif word == 'train':\n" + ELSE, ["no"]),
        (ARGV + "if sys.argv[1] not in ['fit']:\n    raise SystemExit('no')\n", ["yes"]),
        (ARGV + "if sys.argv[1] != 'train':\n    raise SystemExit('no')\n", ["no"]),
        (ARGV + "if sys.argv[1] == 'fit':\n    pass\n", []),
        (ARGV + "if sys.argv[1] == 'fit':\n    pass\nelse:\n    sys.exit(0)\n", []),
        (ARGV + "if sys.argv[1] == 'fit':\n    pass\nelse:\n    train()\n    sys.exit(0)\n", []),
        (ARGV + "if sys.argv[1] != 'fit':\n    raise SystemExit(0)\n", []),
        (ARGV + "if sys.argv[1] != 'fit':\n    raise ValueError(sys.argv)\n", ["yes"]),
        (ARGV + "if sys.argv[2] == 'fit':\n" + ELSE, []),
        (ARGV + "word = sys.argv[1] if len(sys.argv) > 1 else 'fit'\nif word == 'fit':\n" + ELSE, ["yes"]),
        (
            ARGV + "try:\n    word = sys.argv[1]\nexcept IndexError:\n    word = 'fit'\nif word == 'fit':\n" + ELSE,
            ["yes"],
        ),
        (
            ARGV + MAIN + "    if sys.argv[1] == 'fit':\n        pass\n    else:\n        sys.exit(2)\n\n\nmain()\n",
            ["yes"],
        ),
        (ARGV + MAIN + "    if sys.argv[1] not in ('train',):\n        sys.exit(2)\n\n\nsys.exit(main())\n", ["no"]),
        (
            ARGV
            + MAIN
            + "    if local:\n        return\n    if sys.argv[1] != 'fit':\n        sys.exit(2)\n\n\nmain()\n",
            [],
        ),
        (ARGV + MAIN + "    if sys.argv[1] != 'fit':\n        sys.exit(2)\n", []),
        (ARGV + "if len(sys.argv) != 3:\n    print('usage')\n    sys.exit(1)\n", ["yes"]),
        (ARGV + "if len(sys.argv) > 1:\n    sys.exit('no words')\n", ["yes"]),
        (ARGV + "if len(sys.argv) < 2:\n    sys.exit('one word')\n", []),
        (ARGV + "if len(sys.argv) > 2:\n    sys.exit('too many')\n", []),
        (ARGV + "if len(sys.argv) != 3:\n    use_defaults()\n", []),
        (ARGV + MATCH + "    case _:\n        sys.exit('no')\n", ["yes"]),
        (ARGV + MATCH.replace("fit", "train") + "    case _:\n        sys.exit('no')\n", ["no"]),
        (ARGV + MATCH + "    case _:\n        serve()\n", []),
        (ARGV + "RUNS = {'fit': print}\nRUNS[sys.argv[1]]()\n", ["yes"]),
        (ARGV + "RUNS = {'fit': print, 'train': print}\nRUNS[sys.argv[1]]()\n", ["no"]),
        (ARGV + "RUNS = {'fit': print}\nRUNS['train'] = print\nRUNS[sys.argv[1]]()\n", []),
        (ARGV + "RUNS = {'fit': print}\nif sys.argv[1] not in RUNS:\n    sys.exit('no')\n", ["yes"]),
        (DOCOPT.format("prog [options]\n"), ["yes"]),
        (DOCOPT.format("prog train [--epochs=<n>]\n  prog serve"), ["no"]),
        (DOCOPT.format("prog fit <file>\n  prog (check|list) [-v]"), ["yes"]),
        (DOCOPT.format("prog [-v] <mode>"), ["no"]),
        (DOCOPT.format("prog MODE [--x]"), ["no"]),
        (DOCOPT.format("prog -o FILE"), ["unknown"]),
        (DOCOPT.format("prog fit\n     <more>"), ["unknown"]),
        ("from docopt import docopt\ndocopt(text())\n", ["unknown"]),
        ("import plac\n\n\ndef main(model, n=3):\n    pass\n\n\nplac.call(main)\n", ["no"]),
        ("import plac\n\n\ndef main():\n    pass\n\n\nplac.call(main)\n", ["yes"]),
        ("import plac\n\n\ndef main(n: ('size', 'option')):\n    pass\n\n\nplac.call(main)\n", ["unknown"]),
        (ABSL.format("    if len(argv) > 1:\n        raise app.UsageError('too many')\n"), ["yes"]),
        (ABSL.format("    print(argv)\n"), ["no"]),
    ],
)
def test_what_is_refused(code: str, expected: list[str]) -> None:
    assert rejected(code) == expected


def test_the_word_behind_others_is_not_the_first() -> None:
    assert rejected(ARGV + "if sys.argv[1] == 'fit':\n" + ELSE, "fit") == ["unknown"]
