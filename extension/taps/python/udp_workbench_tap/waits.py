"""Has `select.select` and the module `selectors`, which asyncio and socketserver wait with, tell of a socket with rules what is so.

What a rule drops or holds back the system has told of, and what is due then it tells of no more. A program that waits with
`poll` or `epoll` of its own learns of a datagram that was held back with the next one that comes.
"""

import select
import selectors
from time import perf_counter

from . import as_original
from .socket_rules import LOOK_SECONDS


class Waits:
    def __init__(self, active, base):
        """:param active: id() of a socket -> (seen, rules), of those whose rules are on"""
        self._active = active
        self._base = base
        self._is_watching = False

    def watch(self):
        """From now on, for the program's whole life: without rules it costs a look."""
        if self._is_watching:
            return
        self._is_watching = True
        select.select = as_original(self._selecting(select.select), select.select)
        for name in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"):
            cls = getattr(selectors, name, None)
            if cls is not None:
                cls.select = as_original(self._waiting(cls.select), cls.select)

    def _selecting(self, original):
        def select(rlist, wlist, xlist, timeout=None, /):
            if not self._active:
                return original(rlist, wlist, xlist, timeout)
            try:
                asked = list(rlist)
                numbers = [it if isinstance(it, int) else it.fileno() for it in asked]
                ruled = self._ruled(numbers)
            except Exception:
                ruled = {}
            if not ruled or (timeout is not None and not isinstance(timeout, (int, float))):
                return original(rlist, wlist, xlist, timeout)

            def wait(seconds):
                readable, writable, odd = original(asked, wlist, xlist, seconds)
                others = [it for it, number in zip(asked, numbers) if it in readable and number not in ruled]
                return others, writable, odd

            def found(told, ready):
                others, writable, odd = told
                ours = [it for it, number in zip(asked, numbers) if it in others or number in ready]
                return (ours, writable, odd) if ours or writable or odd else None

            return self._until(timeout, ruled, wait, found) or ([], [], [])

        return select

    def _waiting(self, original):
        def select(self_, timeout=None):
            if not self._active:
                return original(self_, timeout)
            try:
                keys = {key.fd: key for key in self_.get_map().values() if key.events & selectors.EVENT_READ}
                ruled = self._ruled(keys)
            except Exception:
                ruled = {}  # It is closed, or none of Python's.
            if not ruled:
                return original(self_, timeout)

            def wait(seconds):
                told = []
                for key, events in original(self_, seconds):
                    if key.fd in ruled:
                        events &= ~selectors.EVENT_READ
                    if events:
                        told.append((key, events))
                return told

            def found(told, ready):
                for number in ready:
                    events = selectors.EVENT_READ
                    for at, (key, others) in enumerate(told):
                        if key.fd == number:
                            told[at] = (key, others | events)
                            break
                    else:
                        told.append((keys[number], events))
                return told or None

            return self._until(timeout, ruled, wait, found) or []

        return select

    def _ruled(self, numbers):
        """Of these descriptors, those of sockets with rules: each with the socket and its rules."""
        ruled = {}
        for seen, rules in list(self._active.values()):
            sock = seen.reference()
            number = -1 if sock is None else self._base.fileno(sock)
            if number >= 0 and number in numbers:
                ruled[number] = (sock, rules)
        return ruled

    def _until(self, timeout, ruled, wait, found):
        """What is found, within so many seconds; None where that is nothing."""
        end = None if timeout is None else perf_counter() + max(0, timeout)
        while True:
            ready = [number for number, (sock, rules) in ruled.items() if rules.is_ready(sock)]
            now = perf_counter()
            left = LOOK_SECONDS if end is None else max(0, end - now)
            due = min((rules.seconds_left(now) for _, rules in ruled.values()), default=0)
            told = found(wait(0 if ready else min(left, due)), ready)
            if told is not None:
                return told
            if end is not None and perf_counter() >= end:
                # What came in the last moment is told of.
                return found(wait(0), [number for number, (sock, rules) in ruled.items() if rules.is_ready(sock)])
