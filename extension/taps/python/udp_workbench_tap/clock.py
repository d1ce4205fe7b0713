"""Microseconds since 1970 that never go backwards, as docs/tap.md has them under "Clocks"."""

from time import get_clock_info, perf_counter, time_ns

_DRIFT = 1000
_COMPARED_FOR = 1_000_000
#: As near as the two clocks are brought together; a look in whose midst the program had to wait is tried again.
_NEAR = 5
_MOST_LOOKS = 1_000
#: By so many microseconds the time of day may be late: it comes in 64ths of a second on Windows, before Python 3.13.
_COARSE = get_clock_info("time").resolution * 1e6
_FINE = 100
#: There it is looked at until it has just changed.
_MOST_COARSE_LOOKS = 200_000


def _counter_us():
    return perf_counter() * 1e6


def _day_us():
    return time_ns() / 1000


class Clock:
    """A monotonic clock, started at the time of day, which it follows when that is set.

    Numbers with a fraction have room for a quarter of a microsecond here, and are reckoned with in half the time.
    """

    __slots__ = ("origin", "last", "floor", "_compared")

    def __init__(self):
        #: The latest time that was told, whole microseconds since 1970.
        self.last = 0
        #: Nothing is told to be earlier: what had been told when the clock began to go slower. Until then what one thread tells
        #: late may be earlier than what another has told.
        self.floor = 0
        self.begin()

    def begin(self):
        """Finds the time of day; again in a child after a fork."""
        narrowest = None
        #: Microseconds since 1970 when the monotonic clock was 0.
        self.origin = _day_us() - _counter_us()
        is_coarse = _COARSE > _FINE
        first = _day_us() if is_coarse else None
        for _look in range(_MOST_COARSE_LOOKS if is_coarse else _MOST_LOOKS):
            before = _counter_us()
            day = _day_us()
            after = _counter_us()
            if day == first:
                continue
            # The next change, where the program had to wait in the midst of this one.
            first = day if is_coarse else None
            if narrowest is None or after - before < narrowest:
                narrowest = after - before
                self.origin = day - (before + after) / 2
            if narrowest <= _NEAR:
                break
        self._compared = after

    def now(self):
        """Whole microseconds since 1970."""
        return self.at(perf_counter())

    def at(self, moment):
        """The same for what `time.perf_counter()` told a moment ago: never backwards within a thread."""
        time = max(self.floor, int(self.origin + moment * 1e6))
        if time > self.last:
            self.last = time
        return time

    def adjust(self, is_forced=False):
        """Catches up where the time of day is ahead; where it is behind, goes half as fast until the two meet.

        Once a second at most, unless it is forced.
        """
        before = _counter_us()
        if not is_forced and before - self._compared < _COMPARED_FOR:
            return
        day = _day_us()
        after = _counter_us()
        behind = day - (self.origin + after)
        ahead = self.origin + before - day - (_COARSE if _COARSE > _FINE else 0)
        if behind > _DRIFT:
            self.origin += behind
        elif ahead > _DRIFT:
            self.floor = self.last
            self.origin -= min(ahead, (before - self._compared) / 2)
        self._compared = before
