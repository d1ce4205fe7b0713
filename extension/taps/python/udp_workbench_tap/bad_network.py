"""What a bad network does to datagrams: the engine of scripts/udp_relay.ts, with the same accidents for the same seed.

Read with the first rule that a program is given (docs/tap.md: Rules). What there is said of a rule and of what it does is
said in that script, chapters 2 and 3, and is so here.
"""

import math
import re

_DAY_MS = 86_400_000
_PERCENT = (0, 100)
#: What a number may be, both ends included.
_LIMITS = {
    **dict.fromkeys(("drop", "duplicate", "corrupt", "reorder", "begin", "end"), _PERCENT),
    **dict.fromkeys(("delay", "jitter", "lasts"), (0, _DAY_MS)),
    "every": (1, _DAY_MS),
    "mtu": (28, 65_575),
    "limit": (0, 1_000_000),
    "datagrams": (0.001, 1e9),
    "bytes": (1, 1e12),
    "min": (0, 65_535),
    "max": (0, 65_535),
    "seed": (0, 2**53 - 1),
}
_WHOLE = ("mtu", "limit", "min", "max", "seed")
_PARTS = {
    "burst": ("begin", "end", "drop"),
    "outage": ("lasts", "every"),
    "rate": ("datagrams", "bytes"),
    "only": ("prefix", "min", "max", "every"),
}
_RULE = ("drop", "duplicate", "corrupt", "reorder", "delay", "jitter", "mtu", "limit", "seed", "distribution", "inOrder")
_PREFIX = re.compile("(?:[0-9a-fA-F]{2} ?){1,256}")


def to_rule(value):
    """A rule from what somebody else has written, as a dict. Raises ValueError where it is none."""
    rule = _part(value, (*_RULE, *_PARTS), True)
    for name, needed in (("burst", ("begin", "end")), ("outage", ("lasts", "every"))):
        if name in rule and not all(key in rule[name] for key in needed):
            raise ValueError("A rule's %s takes %s and %s" % (name, *needed))
    outage, rate, only = (rule.get(name, {}) for name in ("outage", "rate", "only"))
    if outage and outage["lasts"] > outage["every"]:
        raise ValueError("A rule's outage lasts no longer than every")
    if "rate" in rule and len(rate) != 1:
        raise ValueError("A rule's rate takes either datagrams or bytes")
    if only.get("min", 0) > only.get("max", 65_535):
        raise ValueError("A rule's only takes a min that is no more than its max")
    return rule


def _part(value, known, is_rule=False):
    if not isinstance(value, dict):
        raise ValueError("A rule is an object")
    part = {}
    for key, each in value.items():
        if key not in known:
            raise ValueError("A rule has no such field")
        if is_rule and key in _PARTS:
            part[key] = _part(each, _PARTS[key])
        elif _is_right(key, each):
            part[key] = each
        else:
            raise ValueError("A rule's %s is something else" % key)
    return part


def _is_right(key, value):
    if key in _LIMITS:
        least, most = _LIMITS[key]
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return is_number and least <= value <= most and (key not in _WHOLE or value == int(value))
    if key == "inOrder":
        return isinstance(value, bool)
    if not isinstance(value, str):
        return False
    return bool(_PREFIX.fullmatch(value)) if key == "prefix" else value in ("uniform", "normal")


class Fate:
    """What becomes of a datagram: `dropped` is why it is lost, `flipped_bit` the bit that is changed, or None."""

    __slots__ = ("dropped", "copies", "delay_ms", "flipped_bit")

    def __init__(self, dropped=None, copies=1, delay_ms=0, flipped_bit=None):
        self.dropped = dropped
        self.copies = 0 if dropped else copies
        self.delay_ms = delay_ms
        self.flipped_bit = flipped_bit

    @property
    def is_untouched(self):
        return self.copies == 1 and self.delay_ms <= 0 and self.flipped_bit is None


_REORDER_MS = 100
_USUAL_LIMIT = 10_000
#: What is drawn for a datagram: each has numbers of its own.
_DROP, _TURN, _BURST, _DUPLICATE, _CORRUPT, _BIT, _REORDER, _JITTER, _DEVIATION = range(9)


class BadNetwork:
    """A rule at work: the datagrams of one way, one after the other."""

    def __init__(self, rule, headers=28):
        """:param headers: bytes in front of a payload, 28 with IPv4 and 48 with IPv6"""
        self._rule = rule
        self._headers = headers
        self._seed = int(rule.get("seed", 0))
        self._prefix = bytes.fromhex(rule.get("only", {}).get("prefix", "").replace(" ", ""))
        self._fitting = 0
        self._passing = 0
        self._is_bad = False
        self._began = None
        #: When the last one has passed the narrow place (rate).
        self._free = 0
        #: When the last one arrives that was not reordered.
        self._last = 0

    def fate_of(self, payload, now, waiting):
        """What becomes of the next datagram.

        :param now: milliseconds of a clock that never goes back
        :param waiting: how many datagrams wait at this moment
        """
        rule = self._rule
        if "only" in rule and not self._fits(rule["only"], payload):
            return Fate()
        number = self._passing
        self._passing += 1
        dropped = self._loss(number, len(payload), now)
        if dropped:
            return Fate(dropped)
        delay_ms, free, is_reordered = self._late(number, len(payload), now)
        if delay_ms > 0 and waiting >= rule.get("limit", _USUAL_LIMIT):
            return Fate("limit")
        self._free = free
        if not is_reordered:
            self._last = max(self._last, now + delay_ms)
        bit = None
        if payload and self._happens(rule.get("corrupt"), number, _CORRUPT):
            bit = int(self._draw(number, _BIT) * (len(payload) * 8))
        copies = 2 if self._happens(rule.get("duplicate"), number, _DUPLICATE) else 1
        return Fate(None, copies, delay_ms, bit)

    def _fits(self, only, payload):
        if not only.get("min", 0) <= len(payload) <= only.get("max", 65_535):
            return False
        if not bytes(payload).startswith(self._prefix):
            return False
        self._fitting += 1
        return math.fmod(self._fitting, only.get("every", 1)) == 0

    def _loss(self, number, length, now):
        rule = self._rule
        burst, outage = rule.get("burst"), rule.get("outage")
        if self._began is None:
            self._began = now
        if burst is not None:
            # The chain goes on with each datagram, whatever else happens to it.
            if self._happens(burst["end" if self._is_bad else "begin"], number, _TURN):
                self._is_bad = not self._is_bad
        if outage is not None:
            in_period = math.fmod(now - self._began, outage["every"])
            if in_period >= outage["every"] - outage["lasts"]:
                return "outage"
        if "mtu" in rule and length + self._headers > rule["mtu"]:
            return "mtu"
        if burst is not None and self._is_bad and self._happens(burst.get("drop", 100), number, _BURST):
            return "burst"
        return "drop" if self._happens(rule.get("drop"), number, _DROP) else None

    def _late(self, number, length, now):
        """How late a datagram arrives, when the next one can pass after it, and whether others overtake it."""
        rule = self._rule
        rate, delay, jitter = rule.get("rate"), rule.get("delay", 0), rule.get("jitter", 0)
        free = self._free
        waits = 0
        if rate is not None:
            is_bytes = "bytes" in rate
            share = (length + self._headers) / rate["bytes"] if is_bytes else 1 / rate["datagrams"]
            free = max(free, now) + share * 1000
            waits = free - now
        delay_ms = waits + max(0, delay + jitter * self._spread(number) if jitter else delay)
        is_reordered = self._happens(rule.get("reorder"), number, _REORDER)
        if is_reordered:
            delay_ms += _REORDER_MS
        elif rule.get("inOrder"):
            # A nanosecond more, as sums are rounded: what is due at once has no order.
            delay_ms = max(delay_ms, self._last - now + 1e-6)
        return delay_ms, free, is_reordered

    def _spread(self, number):
        """From -1 to 1, or with 1 as deviation (Box and Muller's way)."""
        first = self._draw(number, _JITTER)
        if self._rule.get("distribution") != "normal":
            return 2 * first - 1
        angle = 2 * math.pi * self._draw(number, _DEVIATION)
        return math.sqrt(-2 * math.log(1 - first)) * math.cos(angle)

    def _happens(self, percent, number, draw):
        return self._draw(number, draw) * 100 < percent if percent else False

    def _draw(self, number, draw):
        return random(self._seed, number, draw)


def random(seed, number, draw):
    """From 0 to 1, 1 excluded, and the same for the same three numbers (the mixer of MurmurHash3)."""
    state = _mix(seed ^ (seed >> 32) * 0x9E3779B1)
    state = _mix(state ^ (draw + 1) * 0x85EBCA77)
    state = _mix(state + (number + 1) * 0x9E3779B1)
    return _mix(state ^ number) / 2**32


def _mix(it):
    it &= 0xFFFFFFFF
    it = (it ^ it >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    it = (it ^ it >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return it ^ it >> 16


def corrupted(payload, bit):
    """A payload in which a bit is changed: 0 is the lowest of the first byte; as it is for None."""
    if bit is None:
        return payload
    changed = bytearray(payload)
    changed[bit >> 3] ^= 1 << (bit & 7)
    return bytes(changed)


#: So often a datagram that is sent again and again is told to be lost; so many are known at a time, by so many bytes each.
_STARVING = 10
_MOST_STARVING = 256


class Starving:
    """Notices what is sent again and again, and never passes."""

    __slots__ = ("_times",)

    def __init__(self):
        self._times = {}

    def dropped(self, payload):
        """How often in a row, where that is to be told now; else None."""
        key = _start(payload)
        times = self._times.pop(key, 0) + 1
        self._times[key] = times
        if len(self._times) > _MOST_STARVING:
            # Those that have not come again for the longest time.
            del self._times[next(iter(self._times))]
        return None if times % _STARVING else times

    def passed(self, payload):
        if self._times:
            self._times.pop(_start(payload), None)


def _start(payload):
    return len(payload), bytes(payload[:_MOST_STARVING])
