"""Texts that are made to take long, or to go in circles, where code is read for what it does."""

from __future__ import annotations

from typing import Any

import pytest

CHAIN = "".join(
    f"    a{n} = a{n + 1} + a{n + 1}\n" * 30 for n in range(12)
)  # each name is given thirty values, each of which names the next twice


@pytest.mark.parametrize(
    "code",
    [
        "from flask import request\ndef f():\n" + CHAIN + "    a12 = request.data\n    eval(a0)\n",
        "from flask import request\ndef f():\n    a = a + b\n    b = b + a\n    eval(a)\n    eval(b)\n",
        "import json\n'hyperparameters.json'\n"
        + "".join(f"a{n} = a{n + 1}\n" * 50 for n in range(9))
        + "range(a0['x'])\n",
        "import json\n'hyperparameters.json'\ndef f():\n    return f()\nrange(f()['x'])\n",
        "import os\n" + "os.environ['AWS_ACCESS_KEY_ID']\ndef f(): pass\n" * 3000,
        "x = '/opt/ml'\n" + "y = x + '/a'\n" * 3000,
        "import sys\n" + "try:\n    f()\nexcept Exception:\n    print(1)\n" * 2000,
        "f = open(f)\nf = open(f)\nf.write(f)\nimport pickle\npickle.dump(f, f)\n",
        "import os\nprint(" + "os.path.join(" * 60 + "'/opt/ml'" + ")" * 60 + ")\n",
    ],
)
def test_bounded(read: Any, code: str) -> None:
    read(code, "python", "serve.py")
