"""Median time of repeated calls, and a table of ratios; shared by all benchmarks of this folder."""

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple


class Timing(NamedTuple):
    """Medians over the repeats, in s. Processor time is what counts where the machine is shared."""

    name: str
    wall: float
    cpu: float


def measure(name: str, call: Callable[[], Any], *, repeats: int = 20, warm: int = 2) -> Timing:
    """Time `call`, which must wait for its own result, after `warm` calls that are not counted."""
    for _ in range(warm):
        call()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Timing(name, statistics.median(walls), statistics.median(cpus))


def table(timings: list[Timing], *, reference: str) -> str:
    """Lines of name, wall time, processor time and the ratio of processor times to the one named `reference`."""
    base = next(timing.cpu for timing in timings if timing.name == reference)
    lines = [f"{'':<46}{'wall / ms':>12}{'cpu / ms':>12}{'ratio':>10}"]
    lines += [f"{t.name:<46}{t.wall * 1e3:>12.2f}{t.cpu * 1e3:>12.2f}{t.cpu / base:>10.2f}" for t in timings]
    return "\n".join(lines)
