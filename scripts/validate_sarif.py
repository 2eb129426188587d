"""Hold mllint's SARIF against an independent validator: Microsoft's SARIF Multitool, with GitHub's rules switched on.

The tool comes from the npm registry into a temporary folder. Its exit status says nothing about errors, so its own log
is read. Exits with 1 when it has an error, and with 0 and a sentence when npm is not there.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "@microsoft/sarif-multitool"
TIME_LIMIT_SECONDS = 300


def main() -> int:
    npm = shutil.which("npm")
    if npm is None or platform.system() != "Linux":
        print("skipped: the independent SARIF validator needs npm on Linux")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
        subprocess.run(install, check=True, timeout=TIME_LIMIT_SECONDS)
        # The package's own start script passes its arguments through a shell; the program itself does not.
        tool = folder / "node_modules" / f"{PACKAGE}-linux" / "Sarif.Multitool"
        tool.chmod(0o755)
        report, log = folder / "report.sarif", folder / "log.sarif"
        check = [sys.executable, "-m", "linter", "check", "--fail-on", "never", "--output", str(report)]
        subprocess.run([*check, str(ROOT / "fixtures" / "products")], check=True, timeout=TIME_LIMIT_SECONDS)
        validate = [str(tool), "validate", str(report), "--output", str(log), "--rule-kind", "Sarif;Ghas"]
        subprocess.run(validate, stdout=subprocess.DEVNULL, check=False, timeout=TIME_LIMIT_SECONDS)
        results = [result for run in json.loads(log.read_text("utf-8-sig"))["runs"] for result in run["results"]]
    errors = [result for result in results if result.get("level", "warning") == "error"]
    for result in errors:
        print(f"{result['ruleId']}: {result['message']}")
    print(f"SARIF Multitool: {len(errors)} errors, {len(results) - len(errors)} remarks")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
