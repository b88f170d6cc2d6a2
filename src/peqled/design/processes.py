"""Numbered jobs in parallel processes: the same results whatever their number, kept as they come in.

Every job is a pure function of its number and of a context that all share, so neither order nor place of the work can
change a result. Processes are started afresh (no fork: XLA has threads) and end when the process that made them does.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from peqled.design.checkpoint import Checkpoint, Record

Job = Callable[[Any, int], Record]
Progress = Callable[[str, float], Any]

_context: Any = None
_job: Job | None = None
_WATCH = 0.2
"""Seconds between two looks at whether the parent is still there."""


def run_jobs(
    job: Job,
    context: Any,
    numbers: Sequence[int],
    *,
    workers: int,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
    text: str = "running",
) -> list[Record]:
    """Records of the jobs in the order of `numbers`; those that the checkpoint holds are not run again.

    Args:
        job: a function of a module, called with the context and a number; its record must be JSON.
        context: anything that can be pickled.
        numbers: which jobs.
        workers: processes; with one the jobs run in this process.
        checkpoint: where finished jobs are kept.
        progress: called with `text` and the share done.
    """
    done = dict(checkpoint.done) if checkpoint else {}
    left = [number for number in numbers if number not in done]
    total, finished = max(len(numbers), 1), len(numbers) - len(left)
    for record in _records(job, context, left, workers):
        done[record["number"]] = record
        finished += 1
        if checkpoint:
            checkpoint.add(record)
        if progress:
            progress(f"{text} {finished}/{total}", finished / total)
    return [done[number] for number in numbers]


def _records(job: Job, context: Any, numbers: Sequence[int], workers: int):
    if workers <= 1 or len(numbers) <= 1:
        for number in numbers:
            yield job(context, number)
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(numbers)), mp_context=fresh, initializer=_start, initargs=(job, context, os.getpid())
    ) as pool:
        futures = [pool.submit(_run, number) for number in numbers]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _start(job: Job, context: Any, parent: int) -> None:
    """Set up a worker: its own compiled programs come from disk."""
    import peqled

    global _context, _job
    peqled.use_compilation_cache()
    _context, _job = context, job
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    """End with the parent: a worker that waits for work would not notice that nobody is left to give it."""
    while os.getppid() == parent:
        time.sleep(_WATCH)
    os._exit(1)


def _run(number: int) -> Record:
    assert _job is not None
    return _job(_context, number)
