"""What the sockets do, as blocks of a capture: in one piece of memory first, then in a segment (docs/tap.md: What is written when,
Drop counts). One thread at a time.
"""

import os
from time import time_ns

from . import pcapng
from .address import packed_address
from .frames import MOST_AROUND, frame_of
from .ip import refusal_packet
from .program import describe_program, describe_system
from .segments import Segments
from .tapped_socket import UNDESCRIBED, LocalEnd, TappedSocket

_RECONSTRUCTED = "Recorded inside the program: IP and UDP headers are reconstructed, payloads are real."
BUFFER_BYTES = 256 * 1024
_MOST_FRAMES = 4096
#: Closed sockets that wait for a folder which takes their end; the oldest beyond that are told as one.
_MOST_WAITING = 4096
_LOW = 1 << 32


class Blocks:
    def __init__(self, settings, clock, buffer, has_untold):
        """:param buffer: BUFFER_BYTES of memory for blocks that are not written yet
        :param has_untold: is called where drops are to be told that no datagram may tell
        """
        self._settings = settings
        self._clock = clock
        self._buffer = buffer
        self._has_untold = has_untold
        pid = os.getpid()
        self._pid = pid
        self._segments = Segments(settings, "%d-%d" % (max(0, time_ns()) // 1_000_000, pid))
        self._program, self._script = describe_program(pid)
        self._used = 0
        #: Up to so many bytes in the buffer, a datagram needs no second thought.
        self._limit = 0
        #: The upper 32 bits of the time stamps in what stands around payloads.
        self._high = clock.now() // _LOW
        #: Bound, and not yet seen off in a file, by their numbers.
        self._sockets = {}
        self._others = TappedSocket(0, pcapng.IN, pcapng.OUT)
        self._is_started = False
        self._has_datagrams = False
        self._interfaces = 0
        #: Whether the first socket of all has been bound.
        self.is_announced = False

    @property
    def is_resting(self):
        """Whether the disk is left alone for a while, as it is slow."""
        return self._segments.is_resting

    def inherit(self, others):
        """In a child after a fork: its sockets are those of the parent's blocks, whose file is the parent's."""
        others._segments.abandon()
        time = self._clock.now()
        for tapped in others._sockets.values():
            # Described with the first segment that the child needs: most children never touch what they inherit.
            if tapped.end is None:
                tapped.begin_again(time)
                self._sockets[tapped.number] = tapped

    def end(self):
        """The program ends: so do its sockets."""
        time = self._clock.now()
        for tapped in list(self._sockets.values()):
            if tapped.end is None:
                self.closed(time, tapped)
        if not self._is_started and self._sockets:
            self._start_segment()
        self.write()
        if not self._is_started and self._sockets:
            # Where a disk, or a limit, has no room for records there may be some for how many are missing.
            self._start_segment()
            self.write()

    # What happens, as the events of the recorder have it.

    def take(self, batch):
        """Takes in events of the recorder, in the order of their moments."""
        clock = self._clock
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

    def bound(self, time, tapped, local):
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
            if not self.is_announced:
                self._segments.admits(1)
            self._try_start()
        if tapped.start is None:
            tapped.start = time
            self._write_statistics(tapped)

    def bind_failed(self, time, tapped, name, reason):
        if not self._try_start():
            return
        number = self._describe(tapped, name, ("bind failed: " + reason,))
        tapped.interface = UNDESCRIBED
        if number != UNDESCRIBED:
            self._add(pcapng.statistics(number, time, None, time, None, None))

    def dropped(self, _time, tapped):
        tapped.drop()
        self._has_untold()

    def closed(self, time, tapped):
        if tapped.number not in self._sockets or tapped.end is not None:
            return
        tapped.end = time
        tapped.forget_frames()
        if self._is_started:
            self._write_statistics(tapped)
        else:
            self._forget_waiting()

    def odd_datagram(self, time, way, peer, payload, comment):
        self._datagram(way, time, peer, payload, comment)

    def refused(self, time, tapped, peer, length, name, codes):
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
            self.dropped(time, tapped)
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
            self.write()
        pack_into(self._buffer, self._used, before, time % _LOW, between, payload, behind)
        self._used += total
        way.kept += 1
        tapped.unflushed_drops += tapped.untold
        tapped.untold = 0

    def write(self):
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
            self._has_untold()
        self._clock.adjust(True)

    def _admits(self, length):
        """Makes everything ready for a block of so many bytes; False where it cannot be kept."""
        if not self._segments.admits(self._used + length):
            return False
        is_full = self._used + length > BUFFER_BYTES
        # A slow disk must not hold the program up with each datagram.
        if is_full and self._segments.is_resting:
            return False
        if is_full:
            self.write()
        if self._has_datagrams and self._segments.is_full(self._used + length):
            self.write()
            self._segments.end()
            self._is_started = False
        if not self._is_started:
            self._start_segment()
            if self._used + length > BUFFER_BYTES:
                self.write()
        self._limit = min(self._segments.room, BUFFER_BYTES)
        self._has_datagrams = self._is_started
        return self._is_started

    def _try_start(self):
        if self._is_started:
            return True
        if self._segments.may_try:
            self._start_segment()
        else:
            self._has_untold()
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
            self._clock.last,
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
        if self._used + len(block) > BUFFER_BYTES:
            self.write()
        if not self._is_started:
            return False
        self._buffer[self._used : self._used + len(block)] = block
        self._used += len(block)
        return True

    def tell_drops(self):
        self._clock.now()
        if not self._segments.is_resting and self._try_start():
            for tapped in list(self._sockets.values()):
                if tapped.has_untold_drops:
                    self._write_statistics(tapped)
            self.write()
        if any(tapped.has_untold_drops for tapped in self._sockets.values()):
            self._has_untold()

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
