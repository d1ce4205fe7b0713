"""Microseconds since 1970 that never go backwards, as docs/tap.md has them under "Clocks"."""

from time import monotonic, time_ns

_DRIFT = 1000
_COMPARED_FOR = 1_000_000
#: As near as the two clocks are brought together; a look in whose midst the program had to wait is tried again.
_NEAR = 5
_MOST_LOOKS = 1_000


def _monotonic_us():
    return monotonic() * 1e6


def _day_us():
    return time_ns() / 1000


class Clock:
    """The monotonic clock, started at the time of day, which it follows when that is set.

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
        for _look in range(_MOST_LOOKS):
            before = _monotonic_us()
            day = _day_us()
            after = _monotonic_us()
            if narrowest is None or after - before < narrowest:
                narrowest = after - before
                #: Microseconds since 1970 when the monotonic clock was 0.
                self.origin = day - (before + after) / 2
            if narrowest <= _NEAR:
                break
        self._compared = after

    def now(self):
        """Whole microseconds since 1970."""
        return self.at(monotonic())

    def at(self, moment):
        """The same for what `time.monotonic()` told a moment ago: never backwards within a thread."""
        time = max(self.floor, int(self.origin + moment * 1e6))
        if time > self.last:
            self.last = time
        return time

    def adjust(self, is_forced=False):
        """Catches up where the time of day is ahead; where it is behind, goes half as fast until the two meet.

        Once a second at most, unless it is forced.
        """
        before = _monotonic_us()
        if not is_forced and before - self._compared < _COMPARED_FOR:
            return
        day = _day_us()
        after = _monotonic_us()
        behind = day - (self.origin + after)
        ahead = self.origin + before - day
        if behind > _DRIFT:
            self.origin += behind
        elif ahead > _DRIFT:
            self.floor = self.last
            self.origin -= min(ahead, (before - self._compared) / 2)
        self._compared = before
