"""The rules of this program's sockets, as the window sets them: they are on for as long as the window says so.

Read with the first rule that the program is given (docs/tap.md: Rules).
"""

import errno
import os
import weakref

from .flusher import Flusher
from .never_raises import never_raises
from .socket_rules import SocketRules
from .waits import Waits

#: Without a word from the window, rules end after so many seconds in which the program ran.
SILENCE_SECONDS = 9
_TICK_SECONDS = 1.0


class Rules:
    def __init__(self, hooks):
        # Who waits for the program's end holds this, see control_actions.py.
        self._reference = weakref.ref(hooks)
        #: id() of a socket -> what is known of it, and its rules, while anything is different there.
        self._active = {}
        #: The same of all that have had some: a call may wait by them since then.
        self._made = {}
        self._waits = Waits(self._active, hooks.base)
        self._begin()

    def _begin(self):
        self._flusher = Flusher(self._leave_due)
        #: Ticks, as time passes for a program: one that a debugger holds could not hear the window.
        self._clock = Flusher(self._tick)

    def set(self, sock, seen, value):
        """Raises ValueError where these are no rules; then those before stay."""
        key = id(sock)
        if not value:
            if seen.rules is not None:
                seen.rules.stop()
                self._settle(key, sock, seen)
            return
        _, rules = self._made.get(key, (seen, None))
        if rules is None:
            hooks = self._reference()
            is_ipv6 = hooks.base.family.__get__(sock) == getattr(hooks.module, "AF_INET6", None)
            given = (hooks.base, hooks.recorder, seen, is_ipv6, self._flusher_in, self._no_answer)
            rules = SocketRules(*given)
        rules.set(value)
        rules.silence = 0
        self._made[key] = self._active[key] = (seen, rules)
        self._reference().use_rules(sock, seen, rules)
        self._waits.watch()
        self._clock.run_in(_TICK_SECONDS)

    def keep(self, seen):
        """The window is there; False where there is nothing to keep."""
        rules = seen.rules
        if rules is None or not rules.is_on:
            return False
        rules.silence = 0
        return True

    def closed(self, sock_id, seen):
        """The socket is closed: what waits never passes."""
        self._active.pop(sock_id, None)
        _, rules = self._made.pop(sock_id, (seen, None))
        if rules is not None:
            rules.close()

    def _flusher_in(self, seconds):
        self._flusher.run_in(max(0, seconds))

    def _no_answer(self, limit):
        if limit == 0:
            return BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        hooks = self._reference()
        return (TimeoutError if hooks is None else hooks.module.timeout)("timed out")

    def _settle(self, key, sock, seen):
        """Where nothing waits any more, the socket is as any other."""
        if seen.rules is not None and seen.rules.retire():
            self._active.pop(key, None)
            hooks = self._reference()
            if hooks is not None:
                hooks.use_rules(sock, seen, None)

    # In threads of the tap's.

    def _leave_due(self):
        waits = [rules.leave_due() for _, rules in list(self._active.values())]
        return min((it for it in waits if it is not None), default=None)

    def _tick(self):
        for key, (seen, rules) in list(self._active.items()):
            rules.silence += 1
            if rules.silence > SILENCE_SECONDS and rules.is_on:
                never_raises(rules.stop)()
            sock = seen.reference()
            if sock is not None:
                never_raises(self._settle)(key, sock, seen)
        return _TICK_SECONDS if self._active else None

    # Around a fork, and at the end.

    def pause(self):
        self._flusher.stop()
        self._clock.stop()

    def resume(self):
        self._flusher.resume()
        self._clock.resume()

    def abandon(self):
        """In a child after a fork: the rules are the parent's."""
        for key, (seen, rules) in list(self._made.items()):
            rules.begin_again()
            sock = seen.reference()
            if sock is not None:
                self._settle(key, sock, seen)
        self._active.clear()
        self._begin()

    def end(self):
        self.pause()
        for _, rules in list(self._active.values()):
            never_raises(rules.close)()
        self._active.clear()
        self._made.clear()
