"""A thread of the tap's own, which is there only while something waits to be written."""

import os
from time import monotonic

from .originals import RLock, allocate_lock, native_id, sleep, start_thread

#: Longer than any thread takes to end that is not held up; whoever waits for it does not wait for ever.
_ENDING_LOOKS = 1000
_LOOK_SECONDS = 0.0005


class Flusher:
    """Calls `task` a while after it was asked to; where `task` returns seconds, again after these.

    The thread never lives on into the end of the interpreter: `stop` is called before. Python ends such threads wherever they
    are, and what they have locked stays locked.
    """

    def __init__(self, task):
        self._task = task
        # Of one thread twice: a destructor may run in the midst of anything.
        self._lock = RLock()
        #: Taken while the thread sleeps; given back to wake it.
        self._sleep = allocate_lock()
        self._sleep.acquire()
        self._is_running = False
        self._is_stopped = False
        #: When `task` is to be called, as time.monotonic() has it; None where it need not be.
        self._due = None
        self._system_id = 0

    def run_in(self, seconds):
        """From any thread. Where there can be no thread, at once and here."""
        due = monotonic() + seconds
        with self._lock:
            before = self._due
            if before is not None and before <= due:
                return
            self._due = due
            if self._is_running and before is not None:
                self._wake()
            if self._is_running or self._is_stopped:
                return
            self._is_running = True
            try:
                start_thread(self._run)
                return
            except Exception:
                self._is_running = False
                self._due = None
        self._task()

    def stop(self):
        """Ends the thread and waits until the system has none any more: Python 3.12 warns of a fork beside one."""
        self._is_stopped = True
        for _look in range(_ENDING_LOOKS):
            if not self._is_running:
                break
            self._wake()
            sleep(_LOOK_SECONDS)
        for _look in range(_ENDING_LOOKS):
            if not self._system_id or not os.path.exists("/proc/self/task/%d" % self._system_id):
                break
            sleep(_LOOK_SECONDS)
        self._system_id = 0

    def resume(self):
        """After `stop`, where the program goes on."""
        self._is_stopped = False
        due, self._due = self._due, None
        if due is not None:
            self.run_in(max(0, due - monotonic()))

    def _wake(self):
        try:
            self._sleep.release()
        except RuntimeError:
            pass  # It has been woken already.

    def _run(self):
        try:
            self._system_id = native_id()
            while True:
                with self._lock:
                    if self._is_stopped or self._due is None:
                        self._is_running = False
                        return
                    left = self._due - monotonic()
                    if left <= 0:
                        self._due = None
                if left > 0:
                    self._sleep.acquire(True, left)
                    continue
                again = self._task()
                if again is not None:
                    self.run_in(again)
        except BaseException:
            self._is_running = False
