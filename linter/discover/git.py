"""The files that git would take along: tracked, or new and not ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TIME_LIMIT_SECONDS = 60

# A repository's own configuration can name programs for git to run; these settings switch such programs off.
SAFE_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false")


def listed_by_git(folder: Path) -> list[str] | None:
    """Paths of files below a folder, relative to it, sorted; None outside a repository or without git."""
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return None
    import subprocess

    command = [*SAFE_GIT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=TIME_LIMIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    names = {name.decode("utf-8", "surrogateescape") for name in done.stdout.split(b"\0") if name}
    return sorted(names)
