"""Writes what the program's sockets do into the capture folder (docs/tap.md: What is written when, Drop counts, Flush)."""

import _thread
import json
import os
import struct
import sys
from time import sleep, time_ns

from . import pcapng
from .clock import Clock
from .segments import Segments

_RECONSTRUCTED = "Recorded inside the program: IP and UDP headers are reconstructed, payloads are real."
#: How long a block stays in memory at most.
_FLUSH_SECONDS = 0.02
#: How often drops are told while there is no datagram that could tell them.
_TELL_DROPS_SECONDS = 1.0
_BUFFER_BYTES = 256 * 1024
_MOST_FRAMES = 4096
#: What stands around a payload has no more bytes, whatever is odd about it.
_MOST_AROUND = 512
#: Closed sockets that wait for a folder which takes their end; the oldest beyond that are told as one.
_MOST_WAITING = 4096
_UNDESCRIBED = -1


class LocalEnd:
    """Where a socket is bound: `name` as people write it, `address` as 4 or 16 bytes."""

    __slots__ = ("name", "address", "port")

    def __init__(self, name, address, port):
        self.name = name
        self.address = address
        self.port = port


class TappedSocket:
    """What the recorder knows of one socket, and its counters."""

    __slots__ = (
        "number",
        "local",
        "interface",
        "start",
        "end",
        "is_end_told",
        "received_frames",
        "sent_frames",
        "passed",
        "dropped",
        "untold",
        "told_in_statistics",
        "unflushed",
        "unflushed_drops",
    )

    def __init__(self, number):
        self.number = number
        self.local = None
        self.interface = _UNDESCRIBED
        self.start = None
        self.end = None
        self.is_end_told = False
        #: (peer, length) -> what stands around such a payload.
        self.received_frames = {}
        self.sent_frames = {}
        self.passed = 0
        self.dropped = 0
        #: Of those dropped, how many no datagram's block has told.
        self.untold = 0
        self.told_in_statistics = 0
        #: In the buffer and not in the file: datagrams, and the drops that they tell.
        self.unflushed = 0
        self.unflushed_drops = 0

    def drop(self):
        """A datagram passed that will be in no file."""
        self.passed += 1
        self.dropped += 1
        self.untold += 1
        self.forget_frames()

    def keep_unflushed(self):
        """What was in the buffer is in the file."""
        self.passed += self.unflushed
        self.unflushed = 0
        self.unflushed_drops = 0

    @property
    def has_untold_drops(self):
        return self.untold > 0 and self.told_in_statistics < self.dropped

    def lose_unflushed(self):
        """What was in the buffer is gone."""
        self.forget_frames()
        self.passed += self.unflushed
        self.dropped += self.unflushed
        self.untold += self.unflushed + self.unflushed_drops
        self.told_in_statistics = 0
        self.unflushed = 0
        self.unflushed_drops = 0

    def absorb(self, other):
        """Counts what `other`, which is given up, has counted: it will be told as this one's."""
        self.passed += other.passed
        self.dropped += other.dropped
        self.untold += other.untold
        self.told_in_statistics = 0

    def forget_frames(self):
        self.received_frames.clear()
        self.sent_frames.clear()


class Recorder:
    """One for the program. Every method may be called from any thread, and in a signal handler."""

    def __init__(self, settings):
        self._settings = settings
        self._sockets_made = 0
        self._is_finished = False
        self.clock = Clock()
        # Of the same thread twice: a signal handler may send in the midst of a record.
        self._lock = _thread.RLock()
        #: Blocks that are not written yet, in one piece of memory for the program's whole life.
        self._buffer = bytearray(_BUFFER_BYTES)
        self._begin()

    def _begin(self):
        self.clock.begin()
        self._is_busy = False
        pid = os.getpid()
        self._pid = pid
        self._segments = Segments(self._settings, "%d-%d" % (time_ns() // 1_000_000, pid))
        self._program, self._script = _describe_program(pid)
        self._used = 0
        #: Up to so many bytes in the buffer, a datagram needs no second thought.
        self._limit = 0
        #: Bound, and not yet seen off in a file, in the order of their numbers.
        self._sockets = {}
        self._others = TappedSocket(0)
        self._is_started = False
        self._has_datagrams = False
        self._interfaces = 0
        self._flusher = Flusher(self._flush_later)
        self._is_flush_due = False
        self._tell_drops_at = None

    # What the sockets tell

    def socket(self):
        with self._lock:
            self._sockets_made += 1
            return TappedSocket(self._sockets_made)

    def bound(self, tapped, local):
        """The socket was bound, or its local end is another one now."""
        with self._lock:
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
                self._try_start()
            if tapped.start is None:
                tapped.start = self.clock.now()
                self._write_statistics(tapped)
            self._flush_soon()

    def bind_failed(self, tapped, name, reason):
        """The socket could not be bound to what `name` says. At once in the file: somebody waits for it."""
        with self._lock:
            if not self._try_start():
                return
            number = self._describe(tapped, name, ("bind failed: " + reason,))
            tapped.interface = _UNDESCRIBED
            now = self.clock.now()
            if number != _UNDESCRIBED:
                self._add(pcapng.statistics(number, now, None, now, None, None))
            self.flush()

    def dropped(self, tapped):
        with self._lock:
            tapped.drop()
            self._tell_drops_later()

    def closed(self, tapped):
        with self._lock:
            if tapped.number not in self._sockets or tapped.end is not None:
                return
            tapped.end = self.clock.now()
            tapped.forget_frames()
            if self._is_started:
                self._write_statistics(tapped)
            else:
                self._forget_waiting()
            self._flush_soon()

    def finish(self):
        """The program ends: so do its sockets. What comes after this is written at once."""
        with self._lock:
            self._is_finished = True
            for tapped in list(self._sockets.values()):
                if tapped.end is None:
                    self.closed(tapped)
            if not self._is_started and self._sockets:
                self._start_segment()
            self.flush()

    def flush(self):
        """Writes what is in the buffer, in one piece."""
        with self._lock:
            if self._used == 0 or self._is_busy:
                return
            self._is_busy = True
            self._limit = 0
            try:
                is_kept = self._segments.append(memoryview(self._buffer)[: self._used])
                self._used = 0
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
                self.clock.adjust()
            finally:
                self._is_busy = False

    # Around a fork: the child is a program of its own, with the sockets that it has inherited.

    def before_fork(self):
        # Python warns of a fork beside a thread (3.12), and the program has not started one.
        self._flusher.stop()
        self._lock.acquire()

    def after_fork_in_parent(self):
        self._lock.release()
        if self._is_flush_due:
            self._flusher.run_in(_FLUSH_SECONDS)

    def after_fork_in_child(self):
        # Held since before the fork, by the thread that is the child's only one.
        self._lock.release()
        sockets = list(self._sockets.values())
        self._segments.abandon()
        self._begin()
        for tapped in sockets:
            if tapped.end is not None:
                continue
            # Described with the first segment that the child needs: most children never touch what they inherit.
            tapped.interface = _UNDESCRIBED
            tapped.forget_frames()
            tapped.passed = tapped.dropped = tapped.untold = 0
            tapped.told_in_statistics = tapped.unflushed = tapped.unflushed_drops = 0
            tapped.start = self.clock.now()
            self._sockets[tapped.number] = tapped

    def recording(self, direction):
        """The function that takes datagrams of a direction in: (tapped, nanoseconds, peer, payload, comment="").

        `nanoseconds` is what time.monotonic_ns() told; `peer` an address as the module `socket` tells it, and `payload` bytes.
        A function and not a method: it is called for each datagram, and what it needs is at hand.
        """
        lock = self._lock
        buffer = self._buffer
        clock = self.clock
        is_in = direction == pcapng.IN

        def take(tapped, nanoseconds, peer, payload, comment=""):
            frames = tapped.received_frames if is_in else tapped.sent_frames
            with lock:
                time = clock.at(nanoseconds) if nanoseconds > clock.compare_at else (clock.origin + nanoseconds) // 1000
                if time > clock.last:
                    clock.last = time
                else:
                    time = clock.last
                frame = frames.get((peer, len(payload)))
                # A frame that is kept says that the socket is bound, described, and has no drops to tell.
                if frame is None or comment or self._used + frame[1] > self._limit:
                    self._take_in(tapped, frames, direction, time, peer, payload, comment)
                    return
                frame[0](buffer, self._used, frame[2], time >> 32, time & 0xFFFFFFFF, frame[3], payload, frame[4])
                self._used += frame[1]
                tapped.unflushed += 1
                if not self._is_flush_due or self._is_finished:
                    self._flush_soon()

        return take

    # The rest is called with the lock.

    def _take_in(self, tapped, frames, direction, time, peer, payload, comment):
        """A datagram whose frame has to be made, or for which there may be no room."""
        if tapped.local is None or self._is_busy or not self._admits(_MOST_AROUND + len(payload)):
            self.dropped(tapped)
            return
        pack_into, total, before, between, behind = self._frame(
            tapped, frames, direction, peer, payload, comment
        )
        if self._used + total > len(self._buffer):
            self.flush()
        # What is longer than its place in the frame is cut.
        pack_into(
            self._buffer, self._used, before, time >> 32, time & 0xFFFFFFFF, between, payload, behind
        )
        self._used += total
        tapped.unflushed += 1
        tapped.unflushed_drops += tapped.untold
        tapped.untold = 0
        if not self._is_flush_due or self._is_finished:
            self._flush_soon()

    def _frame(self, tapped, frames, direction, peer, payload, comment):
        """What stands around a payload: the same for each of this length from or to this peer, as long as nothing is odd."""
        local = tapped.local
        length = len(payload)
        address = _packed(peer[0])
        if len(address) == 16:
            own = local.address if len(local.address) == 16 else bytes(16)
            wire = min(length, 65527)
            ends = (address, own) if direction == pcapng.IN else (own, address)
        else:
            own = local.address if len(local.address) == 4 else bytes(4)
            wire = min(length, 65507)
            ends = (address, own) if direction == pcapng.IN else (own, address)
        ports = (peer[1], local.port) if direction == pcapng.IN else (local.port, peer[1])
        is_same = len(address) == 4
        if is_same:
            headers = pcapng.ipv4_headers(*ends, *ports, wire)
        else:
            headers = pcapng.ipv6_headers(*ends, *ports, payload[:wire])
        kept = min(wire, self._settings.snap_length)
        before, between, behind = pcapng.packet_frame(
            headers, kept, wire, direction, tapped.untold, comment
        )
        before += struct.pack("<I", tapped.interface & 0xFFFFFFFF)
        form = struct.Struct("<%dsII%ds%ds%ds" % (len(before), len(between), kept, len(behind)))
        frame = (form.pack_into, form.size, before, between, behind)
        # Over IPv6 a checksum covers the payload.
        if is_same and not comment and not tapped.untold:
            if len(frames) >= _MOST_FRAMES:
                frames.clear()
            frames[(peer, length)] = frame
        return frame

    def _admits(self, length):
        """Makes everything ready for a block of so many bytes; False where it cannot be kept."""
        if not self._segments.admits(self._used + length):
            return False
        is_full = self._used + length > _BUFFER_BYTES
        # A slow disk must not hold the program up with each datagram.
        if is_full and self._segments.is_resting:
            return False
        if is_full:
            self.flush()
        if self._has_datagrams and self._segments.is_full(self._used + length):
            self.flush()
            self._segments.end()
            self._is_started = False
        if not self._is_started:
            self._start_segment()
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
        system = "%s %s" % (sys.platform, os.uname().machine if hasattr(os, "uname") else "")
        self._add(pcapng.section(self._program, system.strip(), _RECONSTRUCTED))
        for tapped in self._sockets.values():
            tapped.interface = _UNDESCRIBED
            tapped.is_end_told = False
            tapped.forget_frames()
        for tapped in list(self._sockets.values()):
            if tapped.local is not None:
                self._describe(tapped, tapped.local.name, ())
            if tapped.end is not None:
                self._write_statistics(tapped)

    def _describe(self, tapped, name, comments):
        if not self._is_started:
            return _UNDESCRIBED
        description = "%s, pid %d, socket %d" % (self._script, self._pid, tapped.number)
        tapped.interface = self._interfaces
        self._interfaces += 1
        tapped.forget_frames()
        self._add(pcapng.interface(name, description, comments))
        return tapped.interface

    def _write_statistics(self, tapped):
        if not self._is_started or tapped.interface == _UNDESCRIBED:
            return
        tapped.told_in_statistics = tapped.dropped
        tapped.is_end_told = tapped.end is not None
        self._add(
            pcapng.statistics(
                tapped.interface,
                self.clock.now(),
                tapped.start,
                tapped.end,
                tapped.passed + tapped.unflushed,
                tapped.dropped,
            )
        )

    def _add(self, block):
        if self._used + len(block) > _BUFFER_BYTES:
            self.flush()
        self._buffer[self._used : self._used + len(block)] = block
        self._used += len(block)

    def _flush_soon(self):
        if self._is_finished:
            self.flush()
        elif not self._is_flush_due:
            self._is_flush_due = True
            self._flusher.run_in(_FLUSH_SECONDS)

    def _flush_later(self):
        """In the flusher's thread. Returns in how many seconds it is wanted again; None where nothing waits."""
        with self._lock:
            self._is_flush_due = False
            if self._segments.is_resting:
                self._is_flush_due = True
                return _FLUSH_SECONDS
            self.flush()
            if self._tell_drops_at is None:
                return None
            left = (self._tell_drops_at - self.clock.now()) / 1e6
            if left > 0:
                return left
            self._tell_drops_at = None
            self._tell_drops()
            return _TELL_DROPS_SECONDS if self._tell_drops_at is not None else None

    def _tell_drops_later(self):
        if self._tell_drops_at is not None:
            return
        self._tell_drops_at = self.clock.now() + int(_TELL_DROPS_SECONDS * 1e6)
        self._flusher.run_in(_TELL_DROPS_SECONDS)

    def _tell_drops(self):
        if not self._segments.is_resting and self._try_start():
            for tapped in list(self._sockets.values()):
                if tapped.has_untold_drops:
                    self._write_statistics(tapped)
            self.flush()
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


class Flusher:
    """A thread that calls `task` a while after it was asked to; there is none while nothing waits for it."""

    def __init__(self, task):
        self._task = task
        self._lock = _thread.allocate_lock()
        self._is_running = False
        self._is_stopping = False
        self._delay = None

    def run_in(self, seconds):
        with self._lock:
            if self._delay is None or seconds < self._delay:
                self._delay = seconds
            if self._is_running:
                return
            self._is_running = True
            self._is_stopping = False
        try:
            _thread.start_new_thread(self._run, ())
        except Exception:
            # Too late in the life of the interpreter: then at once.
            self._is_running = False
            self._task()

    def stop(self):
        """Ends the thread, and waits until the system has none any more: it takes a few milliseconds at most."""
        with self._lock:
            if not self._is_running:
                return
            self._is_stopping = True
        for _look in range(100):
            sleep(0.0005)
            with self._lock:
                if not self._is_running:
                    break
        sleep(0.0005)

    def _run(self):
        try:
            while True:
                with self._lock:
                    delay, self._delay = self._delay, None
                    if delay is None or self._is_stopping:
                        self._is_running = False
                        return
                # In short steps: a program that forks does not wait for the end of a second.
                while delay > 0 and not self._is_stopping:
                    sleep(min(delay, _FLUSH_SECONDS))
                    delay -= _FLUSH_SECONDS
                again = self._task()
                with self._lock:
                    if again is not None and (self._delay is None or again < self._delay):
                        self._delay = again
        except Exception:
            self._is_running = False


def _describe_program(pid):
    """The program for `shb_userappl`, and its script's name for `if_description`."""
    version = "%d.%d.%d" % sys.version_info[:3]
    runtime = sys.implementation.name
    runtime = "python" if runtime == "cpython" else "".join(filter(str.isalpha, runtime.lower()))
    words = list(getattr(sys, "argv", None) or [""])
    if words[0] == "-c":
        words[0] = "[eval]"
    elif words[0] in ("", "-"):
        words = words[1:]
    who = "%s %s, pid %d, ppid %d" % (runtime, version, pid, os.getppid())
    script = os.path.basename(words[0]) if words else ""
    program = " ".join(_word(word) for word in words)
    return (who + ": " + program if program else who), (script or runtime)


def _word(word):
    word = word.encode("utf-8", "replace").decode("utf-8", "replace")
    is_clear = word and all(c.isprintable() and c not in ' "\\' for c in word)
    return word if is_clear else json.dumps(word, ensure_ascii=False)


def _packed(text):
    """An address as 4 or 16 bytes; IPv4 mapped into IPv6 is IPv4, and a zone is left out."""
    from _socket import AF_INET, AF_INET6, inet_pton

    if ":" not in text:
        return inet_pton(AF_INET, text)
    packed = inet_pton(AF_INET6, text.split("%", 1)[0])
    return packed[12:] if packed[:12] == b"\0" * 10 + b"\xff\xff" else packed


packed_address = _packed
