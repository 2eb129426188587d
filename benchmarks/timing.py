"""What the benchmarks share: one whole process, timed."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

WATCHED_EVERY = 0.1
"""Seconds; a look costs less than a thousandth of that."""


class Run(NamedTuple):
    """Seconds by the clock and of all processes together; peaks in MiB.

    `peak_mib` is that of the largest process. `main_mib` and `workers_mib`, of the process that was started and of each
    one that it started in turn, are there only when the run was watched.
    """

    wall: float
    cpu: float
    peak_mib: float
    status: int = 0
    main_mib: float | None = None
    workers_mib: tuple[float, ...] = ()


def timed(
    command: list[str], folder: Path | None = None, environment: Mapping[str, str] | None = None, watch: bool = False
) -> Run:
    """One run of a command; its output is thrown away, its exit status is noted.

    The system counts the memory of whoever starts a process as that process's own until its program is loaded: no
    peak can come out below that of the benchmark itself, which therefore has to stay small.
    """
    began = time.perf_counter()
    with open(os.devnull, "r+") as nowhere:
        place = folder or tempfile.gettempdir()
        child = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, cwd=place, env=environment)
        watcher = Watcher(child.pid) if watch else None
        _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    run = Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode)
    return watcher.added(run) if watcher else run


class Watcher:
    """Looks at the memory of a process and of its children while they run, where the system has /proc."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.peaks: dict[int, float] = {}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def added(self, run: Run) -> Run:
        """The run with what was seen."""
        self.over.set()
        self.thread.join()
        main = self.peaks.pop(self.pid, None)
        return run._replace(main_mib=main, workers_mib=tuple(sorted(self.peaks.values(), reverse=True)))

    def _watch(self) -> None:
        while not self.over.wait(WATCHED_EVERY):
            for pid in [self.pid, *_children(self.pid)]:
                if peak := _peak(pid):
                    self.peaks[pid] = max(self.peaks.get(pid, 0.0), peak)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _peak(pid: int) -> float:
    """MiB, 0.0 when the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)
