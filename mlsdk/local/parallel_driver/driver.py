"""The driver of a parallel job: it hands out mini batches, tries those again that fail, and gathers what they give."""

from __future__ import annotations

import collections
import contextlib
import os
import selectors
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

from .batches import Batch, batches_of
from .processes import Worker, ending, write
from .settings import LEVELS, Settings, Unusable, parse

START_TRIES = 3
"""How often processes may fail to begin, times their number; as on Azure."""
PLAIN_NAME = "parallel_run_step.txt"
"""The file that rows are gathered in where the output is a folder, as Azure calls it."""


class Failed(Exception):
    """The job has failed; the message says why."""


class Driver:
    """One parallel job: what is still to be done, and the processes that do it."""

    def __init__(self, settings: Settings, arguments: list[str], batches: list[Batch], scratch: Path) -> None:
        """`arguments` are the script's; what mini batches leave is kept in the folder `scratch` until all are done."""
        self.settings = settings
        self.arguments = arguments
        self.batches = batches
        self.scratch = scratch
        self.waiting = collections.deque(batches)
        self.workers: dict[int, Worker] = {}
        self.processes = min(max(settings.processes, 1), len(batches))
        self.started = self.unready = self.repeated = 0
        self.done = self.done_items = self.failed = self.failed_items = 0
        self.selector = selectors.DefaultSelector()
        self.bell, self.ringer = socket.socketpair()
        self.bell.setblocking(False)
        self.ringer.setblocking(False)
        self.selector.register(self.bell, selectors.EVENT_READ, None)
        # A process that ends rings the bell, so that nothing has to look at it again and again.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.ringer.fileno(), warn_on_full_buffer=False)

    def tell(self, text: str, level: str = "INFO") -> None:
        """Write a line to the job's log, where it is to tell as much as that."""
        if LEVELS.index(level) >= LEVELS.index(self.settings.logging_level):
            write(f"parallel: {text}\n".encode(errors="replace"))

    def counts(self) -> str:
        """What has become of the mini batches and items until now, in words."""
        return (
            f"{self.done} of {len(self.batches)} mini batches done, {self.failed} failed; "
            f"{self.done_items} of {sum(batch.items for batch in self.batches)} items done, {self.failed_items} failed; "
            f"{self.repeated} tries repeated; {self.started} processes started"
        )

    # -- the loop ----------------------------------------------------------------------------------------------------
    def run(self) -> None:
        """Do all mini batches: Failed as soon as more went wrong than may, Unusable where the script cannot be loaded."""
        try:
            while self.waiting or any(worker.batch for worker in self.workers.values()):
                self._hand_out()
                self._wait()
            self._end()
        finally:
            for worker in list(self.workers.values()):
                worker.kill()
                self._remove(worker)
            signal.set_wakeup_fd(-1)
            self.selector.close()
            self.bell.close()
            self.ringer.close()

    def _hand_out(self) -> None:
        """Every free process gets a mini batch, and as many are started as there is work for."""
        for worker in self.workers.values():
            if self.waiting and worker.free:
                self._hand(worker, self.waiting.popleft())
        coming = sum(not worker.ready and not worker.killed for worker in self.workers.values())
        while len(self.workers) < self.processes and coming < len(self.waiting):
            worker = Worker(self.started, self.settings, self.arguments)
            worker.deadline = time.monotonic() + self.settings.first_task_creation_timeout
            self.started += 1
            coming += 1
            self.workers[worker.number] = worker
            self.selector.register(worker.socket, selectors.EVENT_READ, worker)
            self.selector.register(worker.log, selectors.EVENT_READ, worker)

    def _hand(self, worker: Worker, batch: Batch) -> None:
        batch.tries += 1
        self.tell(f"mini batch {batch.number}, try {batch.tries}, goes to process {worker.number}", "DEBUG")
        worker.deadline = time.monotonic() + self.settings.task_overhead_timeout
        worker.give(batch, str(self._rows(batch)) if self.settings.append_row_to is not None else None)

    def _rows(self, batch: Batch) -> Path:
        return self.scratch / f"{batch.number}.rows"

    def _wait(self) -> None:
        """Wait for the next thing that happens, and see to it."""
        deadlines = [worker.deadline for worker in self.workers.values() if worker.deadline is not None]
        pause = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        for key, _ in self.selector.select(pause):
            worker: Worker | None = key.data
            if worker is None:
                self._rung()
            elif worker.number not in self.workers:
                continue  # it has been forgotten meanwhile
            elif key.fileobj == worker.log:
                if not worker.pass_on_log():
                    self.selector.unregister(worker.log)
            else:
                self._hear(worker)
        now = time.monotonic()
        for worker in self.workers.values():
            if worker.deadline is not None and worker.deadline <= now:
                worker.killed, worker.deadline = self._overdue(worker), None
                worker.kill()

    def _overdue(self, worker: Worker) -> str:
        """Why a process that takes too long is killed."""
        settings = self.settings
        if not worker.ready:
            return f"init() took longer than {settings.first_task_creation_timeout:g} s (--first_task_creation_timeout)"
        if worker.batch is None:
            return f"shutdown() took longer than {settings.timeout:g} s (retry_settings.timeout)"
        if worker.running:
            return f"run() took longer than {settings.timeout:g} s (retry_settings.timeout)"
        return f"reading its data took longer than {settings.task_overhead_timeout:g} s (--task_overhead_timeout)"

    def _rung(self) -> None:
        """See which processes have ended, and what that means."""
        with contextlib.suppress(BlockingIOError):
            while self.bell.recv(4096):
                pass
        for worker in list(self.workers.values()):
            code = worker.process.poll()
            if code is None:
                continue
            self._hear(worker)
            self._remove(worker)
            why = worker.killed or ending(code)
            if worker.given_up:
                continue
            if not worker.ready:
                self._not_ready(worker, why)
            elif worker.batch is not None:
                self._went_wrong(worker.batch, why)
            elif worker.killed or code:
                self.tell(f"process {worker.number} did not end well: {why}", "WARNING")

    def _remove(self, worker: Worker) -> None:
        """Forget a process that has ended or was killed, when what it printed has been passed on."""
        worker.process.wait()
        worker.pass_on_log(last=True)
        watched = self.selector.get_map()
        for stream in (worker.socket, worker.log):
            if stream in watched:
                self.selector.unregister(stream)
        worker.socket.close()
        os.close(worker.log)
        del self.workers[worker.number]

    # -- what processes say ------------------------------------------------------------------------------------------
    def _hear(self, worker: Worker) -> None:
        """See to what a process says."""
        for said in worker.messages():
            state = said["state"]
            if state == "ready":
                worker.ready, worker.deadline, self.unready = True, None, 0
            elif state == "unready":
                worker.given_up = True
                if said["final"]:
                    raise Unusable(said["error"])
                self._not_ready(worker, said["error"])
            elif state == "running":
                worker.running, worker.deadline = True, time.monotonic() + self.settings.timeout
            elif worker.batch is not None:
                batch, worker.batch, worker.running, worker.deadline = worker.batch, None, False, None
                if state == "failed":
                    self._went_wrong(batch, said["error"])
                else:
                    self._went_well(batch, said["results"], said["items"], said.get("header"))
        if worker.silent and worker.socket in self.selector.get_map():
            self.selector.unregister(worker.socket)

    def _not_ready(self, worker: Worker, error: str) -> None:
        self.unready += 1
        self.tell(f"process {worker.number} could not begin: {error}", "WARNING")
        if self.unready >= START_TRIES * self.processes:
            message = f"processes failed to begin {self.unready} times in a row, the last one with: {error}"
            raise Failed(message)

    def _went_well(self, batch: Batch, results: int, items: int, header: str | None) -> None:
        """A mini batch gave results; fewer than it has items, and this try counts as failed."""
        batch.header = header
        if not batch.alone:
            batch.items = items
        if results < batch.items:
            self._went_wrong(batch, f"run() returned {results} results for {batch.items} items", results)
            return
        batch.kept = True
        self.done += 1
        self.done_items += batch.items
        self.tell(f"mini batch {batch.number} done: {batch.items} items", "DEBUG")

    def _went_wrong(self, batch: Batch, why: str, results: int = 0) -> None:
        """A try failed: another one follows, or the mini batch counts as failed and what it gave is kept."""
        if batch.tries <= self.settings.max_retries:
            self.repeated += 1
            self.tell(f"mini batch {batch.number}, try {batch.tries} failed and is repeated: {why}", "WARNING")
            self.waiting.append(batch)
            return
        self.tell(f"mini batch {batch.number}, try {batch.tries} failed, the last one: {why}", "WARNING")
        batch.kept = results > 0
        self.failed += 1
        self.failed_items += batch.items - results
        self.done_items += results
        self._check(why)

    def _check(self, why: str) -> None:
        """Failed where more went wrong than may."""
        settings = self.settings
        many = bounds = ""
        if 0 <= settings.mini_batch_error_threshold < self.failed:
            many = f"{self.failed} mini batches"
            bounds = f"{settings.mini_batch_error_threshold} that mini_batch_error_threshold allows"
        elif self.failed * 100 > settings.allowed_failed_percent * len(self.batches):
            many = f"{self.failed} of {len(self.batches)} mini batches"
            bounds = f"{settings.allowed_failed_percent:g} % that --allowed_failed_percent allows"
        elif 0 <= settings.error_threshold < self.failed_items:
            many = f"{self.failed_items} items"
            bounds = f"{settings.error_threshold} that error_threshold allows"
        if many:
            message = f"{many} failed, more than the {bounds}; the last one: {why}"
            raise Failed(message)

    # -- the end -----------------------------------------------------------------------------------------------------
    def _end(self) -> None:
        """Let the processes shut down, and wait for them; one that has not begun yet has nothing to shut down."""
        for worker in self.workers.values():
            if worker.ready:
                worker.deadline = time.monotonic() + self.settings.timeout
                worker.finish()
            else:
                worker.given_up = True
                worker.kill()
        while self.workers:
            self._wait()

    def append(self) -> None:
        """Gather the rows of all mini batches in one file, in their order: the whole file or none.

        Failed where there is none: Azure takes that for a failure too.
        """
        if self.settings.append_row_to is None:
            return
        kept = [batch for batch in self.batches if batch.kept]
        if not kept:
            message = "run() returned no result for any mini batch, so there is nothing to append"
            raise Failed(message)
        target = Path(self.settings.append_row_to)
        if target.is_dir():
            target = target / PLAIN_NAME
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.unfinished")
        header = next((batch.header for batch in kept if batch.header is not None), None)
        with unfinished.open("wb") as stream:
            if header is not None:
                stream.write(header.encode() + b"\n")
            for batch in kept:
                with self._rows(batch).open("rb") as rows:
                    shutil.copyfileobj(rows, stream)
        unfinished.replace(target)


def main(given: list[str]) -> int:
    """Run a parallel job: 0 when it did its work, 1 when it failed, 2 when it cannot be run as it is written.

    The last line that it prints says which of them, why, and how many mini batches and items there were.
    """
    # Whoever stops the job ends its whole group; there is nothing to be said then.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    settings, arguments = parse(given)
    begun, driver, reason, code = time.monotonic(), None, "", 0
    with tempfile.TemporaryDirectory(prefix=".mini_batches_", dir=Path.cwd()) as scratch:
        try:
            driver = Driver(settings, arguments, batches_of(settings, Path(scratch)), Path(scratch))
            items = sum(batch.items for batch in driver.batches)
            driver.tell(f"{items} items in {len(driver.batches)} mini batches, {driver.processes} processes")
            driver.run()
            driver.append()
        except Unusable as error:
            reason, code = f"the job cannot be run: {error}", 2
        except (Failed, OSError) as error:
            reason, code = f"the job failed: {error}", 1
    counted = [driver.counts()] if driver is not None else []
    told = [*filter(None, [reason]), *counted, f"{time.monotonic() - begun:.1f} s"]
    write(f"parallel: {'; '.join(told)}\n".encode(errors="replace"))
    return code
