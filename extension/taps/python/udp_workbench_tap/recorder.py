"""Writes what the program's sockets do into the capture folder (docs/tap.md: What is written when, Drop counts, Flush).

What happens is appended to a list, by any thread and at any time: that needs no lock. From there it is taken into a buffer
of blocks, by one thread at a time, when there is enough of it or when the flusher comes round.
"""

import itertools
import os
from operator import itemgetter
from time import monotonic, time_ns

from . import pcapng
from .address import packed_address
from .clock import Clock
from .flusher import Flusher
from .frames import MOST_AROUND, frame_of
from .ip import refusal_packet
from .originals import RLock
from .program import describe_program, describe_system
from .segments import Segments
from .tapped_socket import UNDESCRIBED, LocalEnd, TappedSocket

_RECONSTRUCTED = "Recorded inside the program: IP and UDP headers are reconstructed, payloads are real."
#: How long a block stays in memory at most.
_FLUSH_SECONDS = 0.02
#: How often drops are told while there is no datagram that could tell them.
_TELL_DROPS_SECONDS = 1.0
_BUFFER_BYTES = 256 * 1024
#: So many events are taken in at once; so many may wait while another thread writes. Each is one datagram at most.
_BATCH = 128
_MOST_EVENTS = 1024
_MOST_FRAMES = 4096
#: Closed sockets that wait for a folder which takes their end; the oldest beyond that are told as one.
_MOST_WAITING = 4096
_LOW = 1 << 32
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
        #: moment is what time.monotonic() told. After an append `wake` is to be called where there are `wake_at` or more.
        self.events = []
        self.wake_at = 1
        # Of one thread twice: a signal handler may send in the midst of it all.
        self._lock = RLock()
        #: Blocks that are not written yet, in one piece of memory for the program's whole life.
        self._buffer = bytearray(_BUFFER_BYTES)
        self._begin()

    def _begin(self):
        self.clock.begin()
        self._is_busy = False
        pid = os.getpid()
        self._pid = pid
        self._segments = Segments(self._settings, "%d-%d" % (time_ns() // 1_000_000, pid))
        self._program, self._script = describe_program(pid)
        self._used = 0
        #: Up to so many bytes in the buffer, a datagram needs no second thought.
        self._limit = 0
        #: The upper 32 bits of the time stamps in what stands around payloads.
        self._high = self.clock.now() // _LOW
        #: Bound, and not yet seen off in a file, by their numbers.
        self._sockets = {}
        self._others = TappedSocket(0, pcapng.IN, pcapng.OUT)
        self._is_started = False
        self._has_datagrams = False
        self._interfaces = 0
        #: Whether the first socket of all has been bound.
        self._is_announced = False
        self._flusher = Flusher(self._flush_later)
        self._tell_drops_at = None

    # What the sockets tell

    def socket(self):
        return TappedSocket(next(self._numbers), pcapng.IN, pcapng.OUT)

    def bound(self, tapped, local, moment=None):
        """The socket was bound, or its local end is another one: now, or since a moment."""
        self._happened(self._bound, tapped, local, moment=moment)
        if not self._is_announced:
            # A daemon gives up its rights next.
            self.flush()
            self._is_announced = True

    def bind_failed(self, tapped, name, reason):
        """The socket could not be bound to what `name` says. At once in the file: somebody waits for it."""
        self._happened(self._bind_failed, tapped, name, reason)
        self.flush()

    def odd_datagram(self, way, moment, peer, payload, comment):
        """A datagram of which the `comment` says what is odd."""
        self._happened(self._odd_datagram, way, peer, payload, comment, moment=moment)

    def refused(self, way, peer, length, name, codes):
        """The network has refused a datagram of `length` bytes that went to the peer; `codes` see refusal_packet()."""
        self._happened(self._refused, way.tapped, peer, length, name, codes)

    def dropped(self, tapped):
        """A datagram passed that cannot be recorded."""
        self._happened(self._dropped, tapped)

    def closed(self, tapped):
        self._happened(self._closed, tapped)

    def _happened(self, task, *arguments, moment=None):
        self.events.append((None, monotonic() if moment is None else moment, task, arguments))
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
            self._write()
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
            time = self.clock.now()
            for tapped in list(self._sockets.values()):
                if tapped.end is None:
                    self._closed(time, tapped)
            if not self._is_started and self._sockets:
                self._start_segment()
            self._write()
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
        sockets = list(self._sockets.values())
        self._segments.abandon()
        # The parent writes them.
        del self.events[:]
        self.wake_at = 1
        self._is_finished = False
        self._begin()
        time = self.clock.now()
        for tapped in sockets:
            # Described with the first segment that the child needs: most children never touch what they inherit.
            if tapped.end is None:
                tapped.begin_again(time)
                self._sockets[tapped.number] = tapped

    # The rest is called with the lock.

    def _take_in(self):
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
                self._take(batch)
        finally:
            self._is_busy = False

    def _take(self, batch):
        clock = self.clock
        clock.adjust()
        buffer = self._buffer
        used = self._used
        limit = self._limit
        start = self._high * _LOW
        origin = clock.origin - start
        floor = max(0, clock.floor - start)
        low = clock.last - start
        for way, moment, peer, payload in batch:
            if way is not None:
                low = int(origin + moment * 1e6)
                if low < floor:
                    low = floor
                frame = way.get((peer, len(payload)))
                # A frame that is kept says that the socket is bound, described, and has no drops to tell.
                if frame is not None and low < _LOW:
                    pack_into, total, before, between, behind = frame
                    if used + total <= limit:
                        pack_into(buffer, used, before, low, between, payload, behind)
                        used += total
                        way.kept += 1
                        continue
            self._used = used
            clock.last = max(clock.last, start + low)
            try:
                if way is None:
                    peer(clock.at(moment), *payload)
                else:
                    self._datagram(way, start + low, peer, payload, "")
            except Exception:
                if way is not None:
                    way.tapped.drop()
            used = self._used
            limit = self._limit
            start = self._high * _LOW
            origin = clock.origin - start
            floor = max(0, clock.floor - start)
            low = clock.last - start
        self._used = used
        clock.last = max(clock.last, start + low)

    def _bound(self, time, tapped, local):
        is_new = (
            tapped.number not in self._sockets
            or tapped.local is None
            or tapped.local.name != local.name
        )
        tapped.local = local
        tapped.end = None
        tapped.is_end_told = False
        self._sockets[tapped.number] = tapped
        if not is_new:
            return
        tapped.forget_frames()
        if self._is_started:
            self._describe(tapped, local.name, ())
        else:
            if not self._is_announced:
                self._segments.admits(1)
            self._try_start()
        if tapped.start is None:
            tapped.start = time
            self._write_statistics(tapped)

    def _bind_failed(self, time, tapped, name, reason):
        if not self._try_start():
            return
        number = self._describe(tapped, name, ("bind failed: " + reason,))
        tapped.interface = UNDESCRIBED
        if number != UNDESCRIBED:
            self._add(pcapng.statistics(number, time, None, time, None, None))

    def _dropped(self, _time, tapped):
        tapped.drop()
        self._tell_drops_later()

    def _closed(self, time, tapped):
        if tapped.number not in self._sockets or tapped.end is not None:
            return
        tapped.end = time
        tapped.forget_frames()
        if self._is_started:
            self._write_statistics(tapped)
        else:
            self._forget_waiting()

    def _odd_datagram(self, time, way, peer, payload, comment):
        self._datagram(way, time, peer, payload, comment)

    def _refused(self, time, tapped, peer, length, name, codes):
        """It is no datagram: where there is no room, none is missing."""
        if tapped.local is None or not self._admits(MOST_AROUND):
            return
        source, own = packed_address(peer[0]), tapped.local
        destination = own.address if len(own.address) == len(source) else bytes(len(source))
        packet = refusal_packet(source, destination, codes, own.port, peer[1], length)
        self._add(pcapng.packet(tapped.interface, time, packet, pcapng.IN, "refused: " + name))

    def _datagram(self, way, time, peer, payload, comment):
        """One whose frame has to be made, or for which there may be no room."""
        tapped = way.tapped
        if tapped.local is None or not self._admits(MOST_AROUND + len(payload)):
            self._dropped(time, tapped)
            return
        if time // _LOW != self._high:
            self._high = time // _LOW
            for each in self._sockets.values():
                each.forget_frames()
        frame = frame_of(way, peer, len(payload), self._high, self._settings.snap_length, comment)
        if not comment and not tapped.untold:
            if len(way) >= _MOST_FRAMES:
                way.clear()
            way[(peer, len(payload))] = frame
        pack_into, total, before, between, behind = frame
        if self._used + total > len(self._buffer):
            self._write()
        pack_into(self._buffer, self._used, before, time % _LOW, between, payload, behind)
        self._used += total
        way.kept += 1
        tapped.unflushed_drops += tapped.untold
        tapped.untold = 0

    def _write(self):
        if self._used == 0:
            return
        self._limit = 0
        used, self._used = self._used, 0
        with memoryview(self._buffer) as view, view[:used] as blocks:
            is_kept = self._segments.append(blocks)
        if not is_kept:
            self._is_started = False
        for tapped in list(self._sockets.values()):
            if not is_kept:
                tapped.lose_unflushed()
            elif tapped.is_end_told:
                del self._sockets[tapped.number]
            else:
                tapped.keep_unflushed()
        if not is_kept:
            self._tell_drops_later()
        self.clock.adjust(True)

    def _admits(self, length):
        """Makes everything ready for a block of so many bytes; False where it cannot be kept."""
        if not self._segments.admits(self._used + length):
            return False
        is_full = self._used + length > _BUFFER_BYTES
        # A slow disk must not hold the program up with each datagram.
        if is_full and self._segments.is_resting:
            return False
        if is_full:
            self._write()
        if self._has_datagrams and self._segments.is_full(self._used + length):
            self._write()
            self._segments.end()
            self._is_started = False
        if not self._is_started:
            self._start_segment()
            if self._used + length > _BUFFER_BYTES:
                self._write()
        self._limit = min(self._segments.room, _BUFFER_BYTES)
        self._has_datagrams = self._is_started
        return self._is_started

    def _try_start(self):
        if self._is_started:
            return True
        if self._segments.may_try:
            self._start_segment()
        else:
            self._tell_drops_later()
        return self._is_started

    def _start_segment(self):
        """Each segment is a capture file of its own: all sockets are described again."""
        self._is_started = True
        self._has_datagrams = False
        self._interfaces = 0
        self._limit = 0
        self._add(pcapng.section(self._program, describe_system(), _RECONSTRUCTED))
        for tapped in self._sockets.values():
            tapped.interface = UNDESCRIBED
            tapped.is_end_told = False
            tapped.forget_frames()
        for tapped in list(self._sockets.values()):
            if tapped.local is not None:
                self._describe(tapped, tapped.local.name, ())
            # Of what was in segments before this one, a reader has to know how much it was.
            if tapped.start is not None:
                self._write_statistics(tapped)

    def _describe(self, tapped, name, comments):
        """Returns the interface's number, or UNDESCRIBED where there was no room for it."""
        description = "%s, pid %d, socket %d" % (self._script, self._pid, tapped.number)
        if not self._add(pcapng.interface(name, description, comments)):
            return UNDESCRIBED
        tapped.interface = self._interfaces
        self._interfaces += 1
        tapped.forget_frames()
        return tapped.interface

    def _write_statistics(self, tapped):
        if not self._is_started or tapped.interface == UNDESCRIBED:
            return
        told = tapped.dropped
        is_end = tapped.end is not None
        block = pcapng.statistics(
            tapped.interface,
            # Not the time of day: what has happened since and is not taken in would seem to have happened after this.
            self.clock.last,
            tapped.start,
            tapped.end,
            tapped.passed + tapped.unflushed,
            told,
        )
        if self._add(block):
            tapped.told_in_statistics = told
            tapped.is_end_told = is_end

    def _add(self, block):
        """Adds a block that describes; False where the segment could not be written and has ended."""
        if self._used + len(block) > _BUFFER_BYTES:
            self._write()
        if not self._is_started:
            return False
        self._buffer[self._used : self._used + len(block)] = block
        self._used += len(block)
        return True

    def _flush_later(self):
        """In the flusher's thread. Returns in how many seconds it is wanted again; None where nothing waits."""
        with self._lock:
            # Whatever comes from here on asks for the flusher again.
            self.wake_at = 1
            self._take_in()
            if self._segments.is_resting:
                return _FLUSH_SECONDS
            self._write()
            if self._tell_drops_at is None:
                return None
            left = self._tell_drops_at - monotonic()
            if left > 0:
                return left
            self._tell_drops_at = None
            self._tell_drops()
            return _TELL_DROPS_SECONDS if self._tell_drops_at is not None else None

    def _tell_drops_later(self):
        if self._tell_drops_at is None and not self._is_finished:
            self._tell_drops_at = monotonic() + _TELL_DROPS_SECONDS
            self._flusher.run_in(_TELL_DROPS_SECONDS)

    def _tell_drops(self):
        self.clock.now()
        if not self._segments.is_resting and self._try_start():
            for tapped in list(self._sockets.values()):
                if tapped.has_untold_drops:
                    self._write_statistics(tapped)
            self._write()
        if any(tapped.has_untold_drops for tapped in self._sockets.values()):
            self._tell_drops_later()

    def _forget_waiting(self):
        # Not with each socket: to look through all of them takes its time.
        if len(self._sockets) < 2 * _MOST_WAITING:
            return
        waiting = [tapped for tapped in self._sockets.values() if tapped.end is not None]
        for tapped in waiting[: max(0, len(waiting) - _MOST_WAITING)]:
            if tapped is self._others:
                continue
            self._others.local = LocalEnd("other sockets", bytes(4), 0)
            self._others.end = tapped.end
            self._others.absorb(tapped)
            self._sockets[0] = self._others
            del self._sockets[tapped.number]
