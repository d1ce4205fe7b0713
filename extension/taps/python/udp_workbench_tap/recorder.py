"""Writes what the program's sockets do into the capture folder (docs/tap.md: What is written when, Drop counts, Flush).

What happens is appended to a list, by any thread and at any time: that needs no lock. From there it is taken into a buffer
of blocks, by one thread at a time, when there is enough of it or when the flusher comes round.
"""

import itertools
from operator import itemgetter
from time import perf_counter

from . import pcapng
from .blocks import BUFFER_BYTES, Blocks
from .clock import Clock
from .flusher import Flusher
from .originals import RLock
from .tapped_socket import TappedSocket

#: How long a block stays in memory at most.
_FLUSH_SECONDS = 0.02
#: How often drops are told while there is no datagram that could tell them.
_TELL_DROPS_SECONDS = 1.0
#: So many events are taken in at once; so many may wait while another thread writes. Each is one datagram at most.
_BATCH = 128
_MOST_EVENTS = 1024
_moment_of = itemgetter(1)
#: Whoever has the lock at the end of the interpreter may be gone.
_PATIENCE_SECONDS = 1.0


class Recorder:
    """One for the program. Every method may be called from any thread, in a signal handler and in a destructor."""

    def __init__(self, settings):
        self._settings = settings
        self._numbers = itertools.count(1)
        self._is_finished = False
        self._is_dead = False
        self.clock = Clock()
        #: What happened: (way, moment, peer, payload) of a datagram, (None, moment, task, arguments) of anything else; a
        #: moment is what time.perf_counter() told. After an append `wake` is to be called where there are `wake_at` or more.
        self.events = []
        self.wake_at = 1
        # Of one thread twice: a signal handler may send in the midst of it all.
        self._lock = RLock()
        #: Blocks that are not written yet, in one piece of memory for the program's whole life.
        self._buffer = bytearray(BUFFER_BYTES)
        self._begin()

    def _begin(self):
        self.clock.begin()
        self._is_busy = False
        self._blocks = Blocks(self._settings, self.clock, self._buffer, self._tell_drops_later)
        self._flusher = Flusher(self._flush_later)
        self._tell_drops_at = None

    # What the sockets tell

    def socket(self):
        return TappedSocket(next(self._numbers), pcapng.IN, pcapng.OUT)

    def bound(self, tapped, local, moment=None):
        """The socket was bound, or its local end is another one: now, or since a moment."""
        self._happened(self._blocks.bound, tapped, local, moment=moment)
        if not self._blocks.is_announced:
            # A daemon gives up its rights next.
            self.flush()
            self._blocks.is_announced = True

    def bind_failed(self, tapped, name, reason):
        """The socket could not be bound to what `name` says. At once in the file: somebody waits for it."""
        self._happened(self._blocks.bind_failed, tapped, name, reason)
        self.flush()

    def odd_datagram(self, way, moment, peer, payload, comment):
        """A datagram of which the `comment` says what is odd."""
        self._happened(self._blocks.odd_datagram, way, peer, payload, comment, moment=moment)

    def refused(self, way, peer, length, name, codes):
        """The network has refused a datagram of `length` bytes that went to the peer; `codes` see refusal_packet()."""
        self._happened(self._blocks.refused, way.tapped, peer, length, name, codes)

    def dropped(self, tapped):
        """A datagram passed that cannot be recorded."""
        self._happened(self._blocks.dropped, tapped)

    def closed(self, tapped):
        self._happened(self._blocks.closed, tapped)

    def _happened(self, task, *arguments, moment=None):
        self.events.append((None, perf_counter() if moment is None else moment, task, arguments))
        self.wake()

    def wake(self):
        """There are events: they are taken in soon, or now where they are many or the program is at its end."""
        if self._is_finished:
            self.flush()
            return
        self.wake_at = _BATCH
        if len(self.events) >= _BATCH:
            if self._lock.acquire(len(self.events) >= _MOST_EVENTS):
                try:
                    self._take_in()
                finally:
                    self._lock.release()
            else:
                # Another thread writes: the program does not wait for the disk as long as there is room.
                self.wake_at = len(self.events) + _BATCH
        self._flusher.run_in(_FLUSH_SECONDS)

    def flush(self):
        """Takes all in and writes it, in one piece."""
        if not self._enter():
            return
        try:
            self._take_in()
            self._blocks.write()
        finally:
            self._lock.release()

    def finish(self):
        """The program ends: so do its sockets. What comes after this is written at once."""
        self._flusher.stop()
        self._is_finished = True
        self.wake_at = 1
        if not self._enter():
            return
        try:
            self._take_in()
            self._blocks.end()
        finally:
            self._lock.release()

    def _enter(self):
        """Takes the lock; False where that is not to be had any more."""
        if not self._is_finished:
            return self._lock.acquire()
        if self._is_dead:
            return False
        self._is_dead = not self._lock.acquire(True, _PATIENCE_SECONDS)
        return not self._is_dead

    # Around a fork: the child is a program of its own, with the sockets that it has inherited.

    def before_fork(self):
        self._flusher.stop()
        self._lock.acquire()
        # What the child's sockets are like must be known there.
        self._take_in()

    def after_fork_in_parent(self):
        self._lock.release()

    def resume(self):
        """In the parent, some time after that: what waits is written."""
        self._flusher.resume()

    def after_fork_in_child(self):
        # Held since before the fork, by the thread that is the child's only one.
        self._lock.release()
        parents = self._blocks
        # The parent writes them.
        del self.events[:]
        self.wake_at = 1
        self._is_finished = False
        self._begin()
        self._blocks.inherit(parents)

    def _take_in(self):
        """With the lock."""
        if self._is_busy:
            return  # Whoever is in the midst of it takes these, too.
        self._is_busy = True
        try:
            events = self.events
            while events:
                batch = events[:_MOST_EVENTS]
                del events[: len(batch)]
                # Another thread may have had the answer to a send, and have told it, before the sender could tell that.
                batch.sort(key=_moment_of)
                self._blocks.take(batch)
        finally:
            self._is_busy = False

    def _flush_later(self):
        """In the flusher's thread. Returns in how many seconds it is wanted again; None where nothing waits."""
        with self._lock:
            # Whatever comes from here on asks for the flusher again.
            self.wake_at = 1
            self._take_in()
            if self._blocks.is_resting:
                return _FLUSH_SECONDS
            self._blocks.write()
            if self._tell_drops_at is None:
                return None
            left = self._tell_drops_at - perf_counter()
            if left > 0:
                return left
            self._tell_drops_at = None
            self._blocks.tell_drops()
            return _TELL_DROPS_SECONDS if self._tell_drops_at is not None else None

    def _tell_drops_later(self):
        if self._tell_drops_at is None and not self._is_finished:
            self._tell_drops_at = perf_counter() + _TELL_DROPS_SECONDS
            self._flusher.run_in(_TELL_DROPS_SECONDS)

