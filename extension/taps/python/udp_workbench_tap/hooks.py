"""Stands in the methods of `socket.socket`, and tells the recorder what becomes of each UDP socket.

The methods are the class's, so that `type(s) is socket.socket`, subclasses and `repr` stay as they are; a socket of another
kind costs them one look into a dictionary. Whatever is asked of a socket here is asked of the C class below, which no
program overrides. A failure in here is a dropped record, never the program's.
"""

import weakref

from . import as_original, load_part
from .address import endpoint, packed_address
from .control import Control
from .control_actions import Actions
from .errors import error_name
from .never_raises import never_raises
from .process_events import follow_process
from .receiving import hook_receiving
from .recorder import Recorder
from .sending import hook_sending
from .tapped_socket import LocalEnd


class Seen:
    """One socket of the program."""

    __slots__ = ("tapped", "received", "sent", "reference", "peer", "local", "rules")

    def __init__(self, tapped):
        self.tapped = tapped
        self.received = tapped.received
        self.sent = tapped.sent
        self.reference = None
        #: Where a connected socket sends to, as getpeername() tells it.
        self.peer = None
        #: What getsockname() told last; None while it is not bound.
        self.local = None
        #: Its SocketRules, while anything is different because of rules.
        self.rules = None


class Hooks:
    def __init__(self, module, settings):
        self.module = module
        #: The class in C below `socket.socket`.
        self.base = module.SocketType
        self.recorder = Recorder(settings)
        #: id() of a socket -> what is known of it, while it lives.
        self.seen = {}
        #: Of the same, what they receive; what those send that are bound and not connected; the same and the peer, of
        #: those that are connected. They are what the common kind of datagram needs.
        self.receivers = {}
        self.plain_senders = {}
        self.connected_senders = {}
        #: Those that rules are asked about: empty in nearly all programs.
        self.ruled = set()
        #: The methods that stand in the class now, by name.
        self.methods = {}
        self.control = Control(Actions(self).act)
        #: The `Rules` of the program, once it has been given some.
        self.rules = None
        #: The same in a list, for who must not hold the sockets' side.
        self._late_parts = []
        #: The program's own class's, which none of its subclasses overrides.
        self._close = module.socket.close
        self._shut_down = int(getattr(module, "SHUT_RDWR", 2))
        hook = _hook_of(module.socket, self.methods)
        self._hook_ends(hook)
        hook_sending(self, hook)
        hook_receiving(self, hook)
        follow_process(self.recorder, self.control, self._late_parts)

    def made(self, sock):
        """A UDP socket was made: new, or of a descriptor that was there before."""
        key = id(sock)
        seen = Seen(self.recorder.socket())

        def gone(_reference):
            if self.seen.get(key) is seen:
                self._closed(key, seen)

        seen.reference = weakref.ref(sock, gone)
        self.seen[key] = seen
        self.receivers[key] = seen.received
        self.look_at_ends(sock, seen)

    def failed(self, sock, error, refusals):
        """A call has failed, by what may be about an earlier datagram: errors of what kinds `refusals` says."""
        refusal = refusals.get(error.errno)
        seen = self.seen.get(id(sock)) if refusal else None
        if seen is not None:
            never_raises(self._refused)(seen, *refusal)

    def _refused(self, seen, name, codes):
        way = seen.sent
        length, way.refusable = way.refusable, None
        if length is not None and seen.peer is not None:
            self.recorder.refused(way, seen.peer, length, name, codes)

    def look_at_ends(self, sock, seen, moment=None):
        """Tells where the socket is bound and connected, now or since a `moment`; nothing where it is not."""
        key = id(sock)
        self.plain_senders.pop(key, None)
        self.connected_senders.pop(key, None)
        base = self.base
        before = seen.peer
        try:
            seen.peer = base.getpeername(sock)
        except OSError:
            seen.peer = None
        if seen.peer != before:
            seen.sent.refusable = None
        try:
            name = base.getsockname(sock)
        except OSError:
            return
        if not name[1]:
            return
        if name != seen.local:
            local = LocalEnd(endpoint(name), packed_address(name[0]), name[1])
            seen.local = name
            self.recorder.bound(seen.tapped, local, moment)
            self.control.bound()
        if seen.rules is not None:
            return
        if seen.peer is None:
            self.plain_senders[key] = seen.sent
        else:
            self.connected_senders[key] = (seen.sent, seen.peer)

    def all_rules(self):
        """Read with the first of them."""
        if self.rules is None:
            self.rules = load_part("rules").Rules(self)
            self._late_parts.append(self.rules)
        return self.rules

    def use_rules(self, sock, seen, rules):
        """From now on these rules are asked of what passes the socket; None: nobody is."""
        key = id(sock)
        seen.rules = rules
        if self.seen.get(key) is not seen:
            return
        if rules is None:
            self.ruled.discard(key)
            self.receivers[key] = seen.received
        else:
            self.ruled.add(key)
            # The common kind of datagram is none any more.
            self.receivers.pop(key, None)
        self.look_at_ends(sock, seen)

    def close(self, sock):
        """Closes it from another thread than the program's, whose calls fail from now on."""
        seen = self.seen.get(id(sock))
        if seen is not None:
            seen.tapped.is_revoked = True
        try:
            # Whoever waits for a datagram would wait on, at a port that stays taken.
            self.base.shutdown(sock, self._shut_down)
        except OSError:
            pass  # It is not connected. The system has woken them all the same.
        self._close(sock)

    def _closed(self, key, seen):
        for table in (self.plain_senders, self.connected_senders, self.receivers):
            table.pop(key, None)
        self.seen.pop(key, None)
        if self.rules is not None:
            self.ruled.discard(key)
            never_raises(self.rules.closed)(key, seen)
        self.recorder.closed(seen.tapped)

    def _hook_ends(self, hook):
        seen_of = self.seen.get

        @hook("bind")
        def bind(original):
            def bind(sock, *args):
                seen = seen_of(id(sock))
                if seen is None:
                    return original(sock, *args)
                try:
                    result = original(sock, *args)
                except OSError as error:
                    never_raises(self._bind_failed)(seen, args, error)
                    raise
                never_raises(self.look_at_ends)(sock, seen)
                return result

            return bind

        def connecting(original):
            def connect(sock, *args):
                result = original(sock, *args)
                seen = seen_of(id(sock))
                if seen is not None:
                    never_raises(self.look_at_ends)(sock, seen)
                return result

            return connect

        hook("connect")(connecting)
        hook("connect_ex")(connecting)

        def leaving(original):
            def leave(sock, *args, **kwargs):
                key = id(sock)
                seen = seen_of(key)
                if seen is not None:
                    never_raises(self._closed)(key, seen)
                return original(sock, *args, **kwargs)

            return leave

        hook("_real_close")(leaving)
        hook("detach")(leaving)

    def _bind_failed(self, seen, args, error):
        address = args[0] if args else None
        if not isinstance(address, tuple) or len(address) < 2 or seen.local is not None:
            return
        name = endpoint((str(address[0]), address[1]))
        self.recorder.bind_failed(seen.tapped, name, error_name(error))


def _hook_of(cls, methods):
    """A function that replaces a method of the class, where there is one of the name, by what `make` makes of it."""

    def hook(name):
        original = getattr(cls, name, None)

        def replace(make):
            if original is not None:
                methods[name] = as_original(make(original), original)
                setattr(cls, name, methods[name])

        return replace

    return hook
