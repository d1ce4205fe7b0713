"""Stands in the methods of `socket.socket` that send, and tells the recorder what went out or was refused.

Each call of a function in Python costs a noticeable part of what sending costs. So a datagram of the common kind, bytes
from a bound socket to its peer or to an address in numbers, is told without any.
"""

from time import perf_counter

from .address import resolver
from .errors import EARLIER_REFUSALS, send_comment
from .payload import copied, joined, length_of, noting

_NOTHING = object()


def hook_sending(hooks, hook):
    """Replaces the methods by `hook(NAME)(MAKER)`, where the maker makes one of the original."""
    recorder = hooks.recorder
    base = hooks.base
    at_once = int(getattr(hooks.module, "MSG_DONTWAIT", 0))
    seen_of = hooks.seen.get
    sender_of = hooks.plain_senders.get
    connected_of = hooks.connected_senders.get
    events = recorder.events
    append = events.append
    # At hand, and the real one: tests of programs replace it in all modules.
    now = perf_counter
    resolved, literals = resolver(hooks.base)

    def gave(sock, seen, moment, peer, payload, error=None, remark=""):
        """Tells what was sent, or could not be; without a peer, to that of a connected socket. A payload of None is counted alone.

        :param remark: what a rule did to it
        """
        try:
            # The first send binds a socket; and what was connected may be so no more, or what was not, by other ways.
            if seen.local is None or (peer is None) == (seen.peer is None):
                hooks.look_at_ends(sock, seen, moment)
            peer = peer or seen.peer
            if not peer or seen.local is None:
                recorder.dropped(seen.tapped)
                return
            payload = copied(payload)
            if error is not None:
                hooks.failed(sock, error, EARLIER_REFUSALS)
                comment = "; ".join(filter(None, (send_comment(error, len(payload)), remark)))
                recorder.odd_datagram(seen.sent, moment, peer, payload, comment)
                return
            if peer == seen.peer:
                seen.sent.refusable = len(payload)
            if remark:
                recorder.odd_datagram(seen.sent, moment, peer, payload, remark)
                return
            append((seen.sent, moment, peer, payload))
            if len(events) >= recorder.wake_at:
                recorder.wake()
        except Exception:
            recorder.dropped(seen.tapped)

    def is_ruled(sock, seen, peer, payload, flags, ask):
        """Whether a rule has taken what the program sends; what is no datagram is none for a rule.

        :param peer: None: that of a connected socket
        :param ask: ask(socket, payload, flags) asks the system
        """
        try:
            payload = copied(payload)
            if seen.local is None:
                return False  # Nobody has set a rule for it.
            to = peer or seen.peer
            reference = seen.reference
        except Exception:
            return False

        def leave(payload, remark, moment, is_late):
            sock = reference()
            if sock is None or id(sock) not in hooks.seen:
                return
            if peer is None and seen.peer != to:
                seen.rules.dropped_at_end(moment, to, payload)
                return
            try:
                ask(sock, payload, flags | at_once if is_late else flags)
            except OSError as error:
                gave(sock, seen, moment, peer, payload, error, remark)
                raise
            gave(sock, seen, moment, peer, payload, None, remark)

        return bool(to) and isinstance(flags, int) and seen.rules.send(payload, to, leave)

    @hook("sendto")
    def sendto(original):
        def other_sendto(self, *args):
            seen = seen_of(id(self))
            if seen is None or len(args) < 2:
                return original(self, *args)
            peer = resolved(self, args[-1])
            if peer is not None:
                args = (*args[:-1], peer)
                if seen.rules is not None and len(args) <= 3:
                    flags = args[1] if len(args) > 2 else 0

                    def ask(sock, payload, flags):
                        original(sock, payload, flags, peer)

                    if is_ruled(self, seen, peer, args[0], flags, ask):
                        return length_of(args[0])
            moment = now()
            try:
                result = original(self, *args)
            except OSError as error:
                if peer is not None:
                    gave(self, seen, moment, peer, args[0], error)
                raise
            gave(self, seen, moment, peer, args[0] if peer else None)
            return result

        def sendto(self, payload=_NOTHING, peer=_NOTHING, /, *more):
            way = sender_of(id(self))
            try:
                is_common = (
                    way is not None and type(payload) is bytes and peer[0] in literals and not more
                )
            except Exception:
                is_common = False
            if not is_common:
                given = [it for it in (payload, peer) if it is not _NOTHING]
                return other_sendto(self, *given, *more)
            moment = now()
            try:
                result = original(self, payload, peer)
            except OSError as error:
                seen = seen_of(id(self))
                if seen is not None:
                    gave(self, seen, moment, peer, payload, error)
                raise
            append((way, moment, peer, payload))
            if len(events) >= recorder.wake_at:
                recorder.wake()
            return result

        return sendto

    def to_peer(original):
        tells_length = original.__name__ == "send"

        def other_send(self, *args):
            seen = seen_of(id(self))
            if seen is None or not args:
                return original(self, *args)
            if seen.rules is not None and len(args) <= 2:
                flags = args[1] if len(args) > 1 else 0
                if is_ruled(self, seen, None, args[0], flags, original):
                    return length_of(args[0]) if tells_length else None
            moment = now()
            try:
                result = original(self, *args)
            except OSError as error:
                if seen.peer is not None:
                    gave(self, seen, moment, None, args[0], error)
                raise
            gave(self, seen, moment, None, args[0])
            return result

        def send(self, payload=_NOTHING, /, *more):
            connected = connected_of(id(self))
            if connected is None or type(payload) is not bytes:
                return other_send(self, *(() if payload is _NOTHING else (payload, *more)))
            moment = now()
            try:
                result = original(self, payload, *more)
            except OSError as error:
                seen = seen_of(id(self))
                if seen is not None:
                    gave(self, seen, moment, None, payload, error)
                raise
            way, peer = connected
            way.refusable = len(payload)
            append((way, moment, peer, payload))
            if len(events) >= recorder.wake_at:
                recorder.wake()
            return result

        return send

    hook("send")(to_peer)
    hook("sendall")(to_peer)

    @hook("sendmsg")
    def sendmsg(original):
        def sendmsg(self, *args):
            seen = seen_of(id(self))
            if seen is None or not args:
                return original(self, *args)
            peer = args[3] if len(args) > 3 else None
            is_known = True
            if peer is not None:
                peer = resolved(self, peer)
                is_known = peer is not None
                if is_known:
                    args = (*args[:3], peer)
            parts = args[0]
            if type(parts) not in (list, tuple):
                # An iterator can be read once, and only as far as the call does.
                parts = []
                try:
                    given = noting(iter(args[0]), parts)
                except Exception:
                    given = args[0]
                args = (given, *args[1:])
            if seen.rules is not None and is_known and type(args[0]) in (list, tuple):
                # Ancillary data is for a datagram that leaves now.
                def ask(sock, payload, flags):
                    if peer is None:
                        base.send(sock, payload, flags)
                    else:
                        base.sendto(sock, payload, flags, peer)

                whole, flags = joined(parts), args[2] if len(args) > 2 else 0
                if whole is not None and is_ruled(self, seen, peer, whole, flags, ask):
                    return len(whole)
            moment = now()
            try:
                result = original(self, *args)
            except OSError as error:
                if peer is not None or (is_known and seen.peer is not None):
                    gave(self, seen, moment, peer, joined(parts), error)
                raise
            gave(self, seen, moment, peer, joined(parts) if is_known else None)
            return result

        return sendmsg
