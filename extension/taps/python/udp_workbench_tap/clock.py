"""Microseconds since 1970 that never go backwards, as docs/tap.md has them under "Clocks"."""

from time import monotonic_ns, time_ns

_DRIFT_NS = 1_000_000
_COMPARED_FOR_NS = 1_000_000_000
#: As near as the two clocks are brought together; a look in whose midst the program had to wait is tried again.
_NEAR_NS = 5_000
_MOST_LOOKS = 1_000


class Clock:
    """The monotonic clock, started at the time of day, which it follows when that is set."""

    __slots__ = ("origin", "compare_at", "last", "_compared")

    def __init__(self):
        #: The latest time that was told, microseconds since 1970.
        self.last = 0
        self.begin()

    def begin(self):
        """Finds the time of day; again in a child after a fork."""
        narrowest = None
        for _look in range(_MOST_LOOKS):
            before = monotonic_ns()
            day = time_ns()
            after = monotonic_ns()
            if narrowest is None or after - before < narrowest:
                narrowest = after - before
                #: Nanoseconds since 1970 when the monotonic clock was 0.
                self.origin = day - (before + after) // 2
            if narrowest <= _NEAR_NS:
                break
        self._compared = after
        #: On the monotonic clock: when the two are to be compared again.
        self.compare_at = after + _COMPARED_FOR_NS

    def now(self):
        """Microseconds since 1970."""
        time = self.at(monotonic_ns())
        if time > self.last:
            self.last = time
        return self.last

    def at(self, monotonic):
        """The time at a moment of the monotonic clock, which may be earlier than one that was told."""
        if monotonic > self.compare_at:
            self.adjust()
        return (self.origin + monotonic) // 1000

    def adjust(self):
        """Catches up where the time of day is ahead; where it is behind, goes half as fast until the two meet."""
        before = monotonic_ns()
        day = time_ns()
        after = monotonic_ns()
        behind = day - (self.origin + after)
        ahead = self.origin + before - day
        if behind > _DRIFT_NS:
            self.origin += behind
        elif ahead > _DRIFT_NS:
            self.origin -= min(ahead, (before - self._compared) // 2)
        self._compared = before
        self.compare_at = before + _COMPARED_FOR_NS
