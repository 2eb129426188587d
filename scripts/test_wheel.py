"""Build the wheel, install it into an empty environment, and use it from another folder, without this checkout.

Needs the package index for the wheel's dependencies. Exits with 1 and a sentence when something does not hold.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNCACHED = """
import os, sys
os.environ["MLLINT_NO_CACHE"] = "1"
from linter.judge.load import load_knowledge, load_rules
load_rules().rules, load_knowledge()
print("built" if "linter.judge.compile" in sys.modules else "ready-made")
"""


def run(*command: str | Path, cwd: Path, expect: int = 0) -> str:
    """Output of a command that must end with a status."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    if done.returncode != expect:
        said = f"{done.stdout[-1500:]}{done.stderr[-1500:]}"
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}, not {expect}:\n{said}")
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
        wheel = next(folder.glob("*.whl"))
        venv.create(folder / "env", with_pip=True)
        programs = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
        run(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
        product = folder / "elsewhere"
        product.mkdir()
        (product / "Dockerfile").write_text(
            "FROM python:3.12-slim\nWORKDIR /opt/program\nENTRYPOINT python serve.py\n", "utf-8"
        )
        mllint = programs / "mllint"
        sarif = json.loads(run(mllint, "check", "--format", "sarif", product, cwd=product, expect=1))
        found = {result["ruleId"] for result in sarif["runs"][0]["results"]}
        if "CTR007" not in found:
            sys.exit(f"the installed wheel found {sorted(found)}, and CTR007 is not among them")
        place = run(programs / "python", "-c", "import linter; print(linter.__file__)", cwd=product).strip()
        if str(ROOT) in place:
            sys.exit(f"the environment imported the checkout: {place}")
        run(mllint, "explain", "CTR007", cwd=product)
        if not run(programs / "python", "-c", UNCACHED, cwd=product).startswith("ready-made"):
            sys.exit("the installed wheel builds the tables of its rules at the start, and brings none")
        tested = run(mllint, "rules", "test", cwd=product).strip().splitlines()[-1]
        print(f"{wheel.name}: {wheel.stat().st_size} bytes; from another folder: {tested}")


if __name__ == "__main__":
    main()
