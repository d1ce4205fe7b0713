"""Stands in the methods of `socket.socket` that receive, and tells the recorder what came in."""

import errno
import os
import sys
from time import perf_counter

from .errors import REFUSALS
from .payload import bytes_view, noting

_CUT = "the program's buffer was smaller: the rest is lost"
#: No datagram is longer: what is read with a larger buffer is whole.
_LONGEST = 65535
_NOTHING = object()
_NO_ROOM = (None, 0, 0)
_IS_PYPY = sys.implementation.name == "pypy"


def hook_receiving(hooks, hook):
    """Replaces the methods by `hook(NAME)(MAKER)`, where the maker makes one of the original."""
    recorder = hooks.recorder
    base = hooks.base
    seen_of = hooks.seen.get
    failed = hooks.failed
    receiver_of = hooks.receivers.get
    ruled = hooks.ruled
    events = recorder.events
    append = events.append
    # At hand, and the real one: tests of programs replace it in all modules.
    now = perf_counter
    peek = int(getattr(hooks.module, "MSG_PEEK", 2))
    cut_flag = int(getattr(hooks.module, "MSG_TRUNC", 0))
    at_once = int(getattr(hooks.module, "MSG_DONTWAIT", 0))
    errors_flag = int(getattr(hooks.module, "MSG_ERRQUEUE", 0))
    # Windows refuses to cut: it fails, and so does not tell what it took. Elsewhere one byte more than was asked for
    # is read: nothing else tells whether the datagram was cut.
    most_asked = 0 if os.name == "nt" else _LONGEST

    def took(seen, peer, payload, is_cut=False, remark=""):
        if not peer and seen.tapped.is_revoked:
            raise _bad_descriptor()
        moment = now()
        try:
            peer = peer or seen.peer
            if not peer:
                recorder.dropped(seen.tapped)
            elif is_cut or remark:
                comment = "; ".join(filter(None, (_CUT if is_cut else "", remark)))
                recorder.odd_datagram(seen.received, moment, peer, payload, comment)
            else:
                append((seen.received, moment, peer, payload))
                if len(events) >= recorder.wake_at:
                    recorder.wake()
        except Exception:
            recorder.dropped(seen.tapped)

    def odd(sock, way, peer, payload, size):
        """What the program gets of what may be one byte longer than it has asked for, or may be for a rule, and its peer."""
        if not peer and way.tapped.is_revoked:
            raise _bad_descriptor()
        seen = seen_of(id(sock))
        if seen is not None and peer and seen.rules is not None:
            return again(sock, seen, size, 0, payload, peer)[::3]
        is_cut = len(payload) > size
        payload = payload[:size]
        if seen is not None:
            took(seen, peer, payload, is_cut)
        return payload, peer

    def again(sock, seen, size, flags, payload, peer, ancillary=(), told=0):
        """The same as `through_rules` for a call that had begun to wait before there was a rule, and has got something."""
        seen.rules.came(payload, list(ancillary), told, peer)
        return through_rules(sock, seen, size, flags)

    def is_late(seen, flags, peer):
        """Whether it has."""
        return peer and is_ruled(seen, flags) and takes(flags)

    def failing(receive):
        """The same, which tells of a datagram that was refused."""

        def received(self, *args):
            try:
                return receive(self, *args)
            except OSError as error:
                failed(self, error, REFUSALS)
                raise

        return received

    def takes(flags):
        return not (isinstance(flags, int) and flags & peek)

    def through_rules(sock, seen, size, flags=0):
        """What a call gets that has room for so many bytes, where rules are on: payload, ancillary data, flags and peer."""
        is_peek = not takes(flags)
        try:
            arrival = seen.rules.receive(sock, not flags & at_once, is_peek)
        except OSError as error:
            failed(sock, error, REFUSALS)
            raise
        payload = arrival.payload[:size]
        is_cut = len(payload) < len(arrival.payload)
        if not is_peek:
            took(seen, arrival.peer, payload, is_cut, arrival.remark)
        return payload, arrival.ancillary, arrival.flags | (cut_flag if is_cut else 0), arrival.peer

    def is_ruled(seen, flags):
        """Whether rules are on; what a call gets that asks for errors is none for them."""
        return seen.rules is not None and isinstance(flags, int) and not flags & errors_flag

    def asked(self, recvfrom, size, flags=0):
        """What `recvfrom` returns for a size above 0, and whether the datagram was longer."""
        if flags & cut_flag:
            # The program asks for its real length itself: as the length of what it gets, whose rest is anything.
            result = recvfrom(self, size, flags)
            return result, len(result[0]) > size
        if size >= most_asked:
            return recvfrom(self, size, flags), False
        result = recvfrom(self, size + 1, flags)
        payload, peer = result
        return ((payload[:size], peer), True) if len(payload) > size else (result, False)

    @hook("recvfrom")
    def recvfrom(original):
        def other_recvfrom(self, *args):
            seen = seen_of(id(self))
            if seen is None or not _is_plain(args):
                return original(self, *args)
            if is_ruled(seen, args[1] if len(args) > 1 else 0):
                payload, _, _, peer = through_rules(self, seen, *args)
                return payload, peer
            result, is_cut = asked(self, failing(original), *args)
            if is_late(seen, args[1] if len(args) > 1 else 0, result[1]):
                payload, _, _, peer = again(self, seen, args[0], *(args[1:] or (0,)), *result)
                return payload, peer
            if len(args) < 2 or takes(args[1]):
                took(seen, result[1], result[0][: args[0]], is_cut)
            return result

        def recvfrom(self, size=_NOTHING, /, *flags):
            way = receiver_of(id(self))
            if way is None or flags or type(size) is not int or size <= 0:
                return other_recvfrom(self, *(() if size is _NOTHING else (size, *flags)))
            try:
                result = original(self, size + 1 if size < most_asked else size)
            except OSError as error:
                failed(self, error, REFUSALS)
                raise
            payload, peer = result
            if len(payload) <= size and peer and not ruled:
                append((way, now(), peer, payload))
                if len(events) >= recorder.wake_at:
                    recorder.wake()
                return result
            return odd(self, way, peer, payload, size)

        return recvfrom

    @hook("recv")
    def recv(original):
        # This one tells who sent it.
        recvfrom = base.recvfrom

        def other_recv(self, *args):
            seen = seen_of(id(self))
            if seen is None or not _is_plain(args):
                return original(self, *args)
            if is_ruled(seen, args[1] if len(args) > 1 else 0):
                return through_rules(self, seen, *args)[0]
            (payload, peer), is_cut = asked(self, failing(recvfrom), *args)
            if is_late(seen, args[1] if len(args) > 1 else 0, peer):
                return again(self, seen, args[0], *(args[1:] or (0,)), payload, peer)[0]
            if len(args) < 2 or takes(args[1]):
                took(seen, peer, payload[: args[0]], is_cut)
            return payload

        def recv(self, size=_NOTHING, /, *flags):
            way = receiver_of(id(self))
            if way is None or flags or type(size) is not int or size <= 0:
                return other_recv(self, *(() if size is _NOTHING else (size, *flags)))
            try:
                payload, peer = recvfrom(self, size + 1 if size < most_asked else size)
            except OSError as error:
                failed(self, error, REFUSALS)
                raise
            if len(payload) <= size and peer and not ruled:
                append((way, now(), peer, payload))
                if len(events) >= recorder.wake_at:
                    recorder.wake()
                return payload
            return odd(self, way, peer, payload, size)[0]

        return recv

    def into(tells_peer):
        def maker(original):
            recvfrom_into = failing(base.recvfrom_into)
            recvmsg_into = hasattr(base, "recvmsg_into") and failing(base.recvmsg_into)

            def filled(self, view, size, flags):
                """Like `recvfrom_into`, and whether the datagram was longer, where the system says that."""
                # Of a view that was cast, PyPy fills no part.
                if not recvmsg_into or (size and _IS_PYPY):
                    return (*recvfrom_into(self, view, size, flags), 0)
                length, _, told, peer = recvmsg_into(self, [view[:size] if size else view], 0, flags)
                return length, peer, told & cut_flag

            def recv_into(self, *args, **named):
                seen = seen_of(id(self))
                view, size, flags = _NO_ROOM if seen is None else _to_fill(*args, **named)
                if not view:
                    return original(self, *args, **named)
                if is_ruled(seen, flags):
                    payload, _, _, peer = through_rules(self, seen, size or len(view), flags)
                    length = len(payload)
                    view[:length] = payload
                    return (length, peer) if tells_peer else length
                length, peer, is_cut = filled(self, view, size, flags)
                if is_late(seen, flags, peer):
                    payload, _, _, peer = again(self, seen, size or len(view), flags, bytes(view[:length]), peer)
                    length = len(payload)
                    view[:length] = payload
                    return (length, peer) if tells_peer else length
                if takes(flags):
                    took(seen, peer, bytes(view[:length]), is_cut)
                return (length, peer) if tells_peer else length

            return recv_into

        return maker

    hook("recv_into")(into(False))
    hook("recvfrom_into")(into(True))

    @hook("recvmsg")
    def recvmsg(original):
        receive = failing(original)

        def recvmsg(self, *args):
            seen = seen_of(id(self))
            if seen is not None and _is_message(args) and is_ruled(seen, args[2] if len(args) > 2 else 0):
                payload, ancillary, flags, peer = through_rules(self, seen, args[0], *args[2:])
                return payload, (ancillary if args[1:] and args[1] else []), flags, peer
            result = receive(self, *args)
            seen = seen_of(id(self))
            if seen is not None and is_late(seen, args[2] if len(args) > 2 else 0, result[3]):
                payload, ancillary, told, peer = result
                return again(self, seen, args[0], *(args[2:] or (0,)), payload, peer, ancillary, told)
            if seen is not None and (len(args) < 3 or takes(args[2])):
                took(seen, result[3], result[0][: args[0]], result[2] & cut_flag)
            return result

        return recvmsg

    @hook("recvmsg_into")
    def recvmsg_into(original):
        receive = failing(original)

        def filled_in(views, payload, ancillary, flags, peer):
            at = 0
            for view in views:
                part = payload[at : at + len(view)]
                view[: len(part)] = part
                at += len(part)
            return at, ancillary, flags, peer

        def recvmsg_into(self, *args):
            seen = seen_of(id(self))
            if seen is None or not args:
                return original(self, *args)
            buffers = args[0]
            if type(buffers) not in (list, tuple):
                # An iterator can be read once, and only as far as the call does.
                buffers = []
                try:
                    given = noting(iter(args[0]), buffers)
                except Exception:
                    given = args[0]
                args = (given, *args[1:])
            elif is_ruled(seen, args[2] if len(args) > 2 else 0) and _is_message((1, *args[1:])):
                views = [bytes_view(it) for it in buffers]
                if all(view is not None and not view.readonly for view in views):
                    return filled_in(views, *through_rules(self, seen, sum(map(len, views)), *args[2:]))
            result = receive(self, *args)
            if is_late(seen, args[2] if len(args) > 2 else 0, result[3]):
                views = [bytes_view(it) for it in buffers]
                payload = b"".join(map(bytes, views))[: result[0]]
                _, ancillary, told, peer = result
                room = sum(map(len, views))
                flags = args[2:] or (0,)
                return filled_in(views, *again(self, seen, room, *flags, payload, peer, ancillary, told))
            if len(args) < 3 or takes(args[2]):
                payload = b"".join([bytes(bytes_view(it)) for it in buffers])[: result[0]]
                took(seen, result[3], payload, result[2] & cut_flag)
            return result

        return recvmsg_into


def _bad_descriptor():
    """What a call fails with whose socket was closed meanwhile. The system had nothing for it, of no peer, to end it."""
    return OSError(errno.EBADF, os.strerror(errno.EBADF))


def _is_plain(args):
    """Whether these are a size above 0 and flags, as `recv` takes them; of no bytes it takes none, and the datagram stays."""
    return 1 <= len(args) <= 2 and all(isinstance(it, int) for it in args) and args[0] > 0


def _is_message(args):
    """The same for `recvmsg`, which takes how much ancillary data there may be before the flags."""
    return 1 <= len(args) <= 3 and all(isinstance(it, int) and it >= 0 for it in args) and args[0] > 0


def _to_fill(*args, **named):
    """The buffer, how much of it is to be filled, 0 for all, and flags; none where it has no room, or the call is to fail."""
    try:
        buffer, size, flags = _into_arguments(*args, **named)
        view = bytes_view(buffer)
        if view is None or view.readonly or not 0 <= size <= len(view):
            return _NO_ROOM
        return view, size, int(flags)
    except Exception:
        return _NO_ROOM


def _into_arguments(buffer, nbytes=0, flags=0):
    return buffer, nbytes, flags
