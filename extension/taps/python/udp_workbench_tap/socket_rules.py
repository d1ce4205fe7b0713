"""The rules of one socket at work: a bad network between its program and the system (docs/tap.md: Rules).

Read with the first rule that a program is given. What the program sends is held back here; of what comes, all that the system
has is taken at once, so that each datagram is late from when it came, and the program gets what is due.
"""

import re
from _socket import MSG_DONTWAIT as _AT_ONCE
from collections import deque
from heapq import heappop, heappush
from time import perf_counter

from .address import packed_address
from .bad_network import BadNetwork, Starving, corrupted, to_rule
from .control_message import MOST_RULES
from .never_raises import never_raises
from .originals import RLock, poll, sleep

_PEER = re.compile(r"(?:\[([^\]]+:[^\]]*)\]|([^:]+)):([0-9]{1,5})")
_MOST_PEER = 60
#: What may wait at a time: a router, too, drops what finds no room.
_MOST_BYTES = 64 << 20
#: So many are taken from the system before the program gets the next one.
_MOST_TAKEN = 256
_LONGEST = 65_535
_ANCILLARY_BYTES = 1024
_POLL_IN = 1
#: Whoever waits looks so often whether the rules, or what another thread has taken, have changed what it waits for.
LOOK_SECONDS = 0.02


def to_socket_rules(value):
    """(direction, peer, rule) of each; a peer is its address as bytes, and its port, or None. Raises ValueError where they are none."""
    if not isinstance(value, list) or len(value) > MOST_RULES:
        raise ValueError("The rules of a socket are a list of %d at most" % MOST_RULES)
    rules = []
    for each in value:
        if not isinstance(each, dict):
            raise ValueError("A rule is an object")
        fields = dict(each)
        direction = fields.pop("direction", None)
        if direction not in ("in", "out"):
            raise ValueError("A rule's direction is in or out")
        peer = _to_peer(fields.pop("peer")) if "peer" in fields else None
        rules.append((direction, peer, to_rule(fields)))
    return rules


def _to_peer(value):
    match = _PEER.fullmatch(value) if isinstance(value, str) and len(value) <= _MOST_PEER else None
    try:
        end = (packed_address(match[1] or match[2]), int(match[3]))
    except (TypeError, OSError, ValueError):
        raise ValueError("A rule's peer is an address with a port")
    if not 1 <= end[1] <= 0xFFFF:
        raise ValueError("A rule's peer is an address with a port")
    return end


class _Network:
    __slots__ = ("direction", "peer", "engine", "starving", "waiting")

    def __init__(self, direction, peer, rule, headers):
        self.direction = direction
        self.peer = peer
        self.engine = BadNetwork(rule, headers)
        self.starving = Starving()
        #: How many of its datagrams wait.
        self.waiting = 0


class Arrival:
    """A datagram that the program is to get, or what it gets in place of one: an error, or the end of the socket."""

    __slots__ = ("payload", "ancillary", "flags", "peer", "remark", "error")

    def __init__(self, payload, ancillary, flags, peer, remark="", error=None):
        self.payload = payload
        self.ancillary = ancillary
        self.flags = flags
        self.peer = peer
        self.remark = remark
        self.error = error


class _Held:
    """What waits, with its network and size. `passes()` when it is due, `drops()` where that never comes."""

    __slots__ = ("network", "size", "passes", "drops")

    def __init__(self, network, size, passes, drops):
        self.network = network
        self.size = size
        self.passes = passes
        self.drops = drops


class SocketRules:
    def __init__(self, base, recorder, seen, is_ipv6, wake, no_answer):
        """:param wake: is called with the seconds until something is to leave
        :param no_answer: makes the error of a call that has waited for as many seconds as it may
        """
        self._base = base
        self._recorder = recorder
        self._seen = seen
        self._headers = 48 if is_ipv6 else 28
        self._most = _LONGEST - (8 if is_ipv6 else 28)
        self._wake = wake
        self._no_answer = no_answer
        #: Seconds in which the program ran and the window said nothing.
        self.silence = 0
        #: Nothing is different any more, and what the system has stays there for the program.
        self._is_retired = False
        self.begin_again()

    def begin_again(self):
        """In a child after a fork: what waits is the parent's, as is who has locked it."""
        self._networks = ()
        self._lock = RLock()
        self._bytes = 0
        self._turn = 0
        #: What leaves later, and what came and is due later: (moment, turn, held), in heaps.
        self._leaving = []
        self._coming = []
        #: What is due: the program gets it next.
        self._arrived = deque()

    @property
    def is_on(self):
        return bool(self._networks)

    def retire(self):
        """False where something is still different from a socket without rules."""
        with self._lock:
            is_idle = not (self._networks or self._leaving or self._coming or self._arrived)
            self._is_retired = is_idle
            return is_idle

    def set(self, value):
        """Takes these in place of the rules before. What waits because of those goes on waiting. Raises ValueError."""
        rules = to_socket_rules(value)
        with self._lock:
            self._networks = tuple(_Network(*each, self._headers) for each in rules)
            self._is_retired = False

    def stop(self):
        """The network is good again: what waits passes now, in the order in which it was due."""
        with self._lock:
            self._networks = ()
            self._pass_due(self._leaving, float("inf"))
            self._pass_due(self._coming, float("inf"))

    def close(self):
        """The socket is closed, or the program ends: what waits never passes."""
        with self._lock:
            self._networks = ()
            held = [it for _, _, it in sorted(self._leaving + self._coming, key=lambda it: it[:2])]
            arrived = [it for it in self._arrived if it.error is None and it.peer]
            del self._leaving[:], self._coming[:]
            self._arrived.clear()
            for it in held:
                never_raises(it.drops)()
            for it in arrived:
                self._dropped_in(it, "end")

    # What the program sends

    def send(self, payload, peer, leave):
        """:param peer: as the program has it, with an address in numbers
        :param leave: leave(payload, remark, moment, is_late) asks the system and tells the recorder; raises OSError
        :returns: whether a rule has taken it; False: it is sent as without one
        """
        moment = perf_counter()
        with self._lock:
            network = self._network_for("out", peer)
            # The system has something to say about such a one.
            if network is None or len(payload) > self._most or not 1 <= peer[1] <= 0xFFFF:
                return False
            fate = network.engine.fate_of(payload, moment * 1e3, self._waiting(network))
            if fate.dropped:
                again = network.starving.dropped(payload)
                self._dropped_out(moment, peer, payload, fate.dropped, again)
                return True
            network.starving.passed(payload)
            if fate.is_untouched:
                return False
            payload = corrupted(payload, fate.flipped_bit)
            if fate.delay_ms <= 0:
                # What is due already is not overtaken.
                self._pass_due(self._leaving, perf_counter())
                leave(payload, _remark(fate, moment), moment, False)
                if fate.copies > 1:
                    never_raises(leave)(payload, _remark(fate, moment, True), moment, True)
                return True

            def passes():
                for copy in range(fate.copies):
                    never_raises(leave)(payload, _remark(fate, moment, copy > 0), moment, True)

            def drops():
                for _copy in range(fate.copies):
                    self._dropped_out(moment, peer, payload, "end")

            held = _Held(network, len(payload) * fate.copies, passes, drops)
            self._hold(self._leaving, moment + fate.delay_ms / 1e3, held)
            self._wake(self._leaving[0][0] - perf_counter())
            return True

    def leave_due(self):
        """In a thread of the tap's. Returns in how many seconds there is more to do; None where nothing waits."""
        with self._lock:
            self._pass_due(self._leaving, perf_counter())
            return max(0, self._leaving[0][0] - perf_counter()) if self._leaving else None

    def dropped_at_end(self, moment, peer, payload):
        """It was for a peer that the socket is connected to no more."""
        self._dropped_out(moment, peer, payload, "end")

    # What the program receives

    def receive(self, sock, does_wait, is_peek):
        """The next `Arrival` that is due; waits for it as the socket does, and raises what the call would."""
        base = self._base
        limit = base.gettimeout(sock) if does_wait else 0
        end = None if limit is None else perf_counter() + limit
        while True:
            with self._lock:
                # Another thread's call may have begun while there were rules.
                self._take_in(sock, 1 if self._is_retired else _MOST_TAKEN)
                if self._arrived:
                    arrival = self._arrived[0]
                    if arrival.error is not None or not is_peek:
                        self._arrived.popleft()
                    if arrival.error is not None:
                        raise arrival.error
                    return arrival
                is_full = self._bytes > _MOST_BYTES
            now = perf_counter()
            if end is not None and now >= end:
                raise self._no_answer(limit)
            seconds = min(self.seconds_left(now), LOOK_SECONDS if end is None else end - now)
            if is_full:
                sleep(seconds)
            else:
                _ready(base.fileno(sock), seconds)

    def came(self, payload, ancillary, flags, peer):
        """What a call has got from the system that was waiting for it when the first rule was set."""
        with self._lock:
            self._came(Arrival(payload, ancillary, flags, peer))

    def is_ready(self, sock):
        """Whether the program would get something at once."""
        with self._lock:
            if self._is_retired:
                return _ready(self._base.fileno(sock), 0)
            self._take_in(sock, _MOST_TAKEN)
            return bool(self._arrived)

    def seconds_left(self, now):
        """Until something is due, or is to be looked at again."""
        with self._lock:
            due = self._coming[0][0] - now if self._coming else LOOK_SECONDS
        return min(LOOK_SECONDS, max(0, due))

    def _take_in(self, sock, most):
        """Takes what the system has, unless the program leaves it, and finds what is due. With the lock."""
        for _taken in range(max(0, most - len(self._arrived))):
            # In that case it stays with the system, which drops it where it has no room.
            if self._bytes > _MOST_BYTES or not _ready(self._base.fileno(sock), 0):
                break
            try:
                self._came(Arrival(*self._base.recvmsg(sock, _LONGEST, _ANCILLARY_BYTES, _AT_ONCE)))
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                self._arrived.append(Arrival(b"", [], 0, None, error=error))
                break
            # Where the socket was shut down there is no end of what the system has.
            if self._arrived and not self._arrived[-1].peer:
                break
        self._pass_due(self._coming, perf_counter())

    def _came(self, arrival):
        now = perf_counter()
        # Not each system says it of a connected socket.
        arrival.peer = arrival.peer or (self._seen.peer if arrival.payload else None)
        network = self._network_for("in", arrival.peer) if arrival.peer else None
        if network is None:
            self._pass_due(self._coming, now)
            self._arrived.append(arrival)
            return
        payload = arrival.payload
        fate = network.engine.fate_of(payload, now * 1e3, self._waiting(network))
        if fate.dropped:
            self._dropped_in(arrival, fate.dropped, network.starving.dropped(payload))
            return
        network.starving.passed(payload)
        arrival.payload = corrupted(payload, fate.flipped_bit)
        for copy in range(fate.copies):
            one = Arrival(arrival.payload, arrival.ancillary, arrival.flags, arrival.peer)

            def passes(one=one, is_copy=copy > 0):
                one.remark = _remark(fate, now, is_copy)
                self._arrived.append(one)

            held = _Held(
                network,
                len(payload),
                passes,
                lambda one=one: self._dropped_in(one, "end"),
            )
            self._hold(self._coming, now + max(0, fate.delay_ms) / 1e3, held)

    # Both ways, with the lock.

    def _network_for(self, direction, peer):
        end = None
        for network in self._networks:
            if network.direction != direction:
                continue
            if network.peer is None:
                return network
            end = end or (packed_address(peer[0]), peer[1])
            if network.peer == end:
                return network
        return None

    def _waiting(self, network):
        return network.waiting if self._bytes <= _MOST_BYTES else float("inf")

    def _hold(self, heap, due, held):
        self._turn += 1
        self._bytes += held.size
        held.network.waiting += 1
        heappush(heap, (due, self._turn, held))

    def _pass_due(self, heap, now):
        while heap and heap[0][0] <= now:
            held = heappop(heap)[2]
            self._bytes -= held.size
            held.network.waiting -= 1
            held.passes()

    def _dropped_out(self, moment, peer, payload, why, again=None):
        self._recorder.odd_datagram(self._seen.sent, moment, peer, payload, _dropped(why, again))

    def _dropped_in(self, arrival, why, again=None):
        remark = _dropped(why, again)
        self._recorder.odd_datagram(self._seen.received, perf_counter(), arrival.peer, arrival.payload, remark)


def _ready(descriptor, seconds):
    """Whether there is something for a descriptor within so many seconds."""
    poller = poll()
    if descriptor >= 0:
        poller.register(descriptor, _POLL_IN)
    elif seconds > 0:
        return True
    return bool(poller.poll(seconds * 1e3)) or descriptor < 0


def _remark(fate, since, is_copy=False):
    """What a rule did to a datagram, as its comment says it (docs/tap.md: Comments); `since`: when the rule got it.

    One that passes as its rule ends was not held back for as long as it was to be.
    """
    parts = []
    delay_ms = min(fate.delay_ms, (perf_counter() - since) * 1e3)
    if delay_ms >= 0.05:
        parts.append("delayed %.1f ms by a rule" % delay_ms)
    if fate.flipped_bit is not None:
        at = (fate.flipped_bit & 7, fate.flipped_bit >> 3)
        parts.append("bit %d of the byte at offset %d changed by a rule" % at)
    if is_copy:
        parts.append("a copy by a rule")
    return "; ".join(parts)


def _dropped(why, again):
    """:param again: how often in a row it was the same bytes, where that is to be told"""
    remark = "dropped by a rule (%s)" % why
    return remark if again is None else "%s; the same bytes %d times in a row by a rule" % (remark, again)
