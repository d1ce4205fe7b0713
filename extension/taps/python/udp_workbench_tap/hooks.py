"""Stands in the methods of `socket.socket`, and tells the recorder what passes a UDP socket.

The methods are the class's, so that `type(s) is socket.socket`, subclasses and `repr` stay as they are; a socket of another
kind costs them one look into a dictionary. Whatever is asked of a socket here is asked of the C class below, which no
program overrides. A failure in here is a dropped record, never the program's.
"""

import atexit
import os
import weakref
from time import monotonic

from . import as_original
from .address import endpoint, packed_address
from .errors import error_name, send_comment
from .recorder import Recorder
from .tapped_socket import LocalEnd

_CUT = "the program's buffer was smaller: the rest is lost"
#: No datagram is longer: what is read with a larger buffer is whole.
_LONGEST = 65535
#: Hosts that are remembered to be addresses.
_MOST_LITERALS = 4096


class Seen:
    """One socket of the program."""

    __slots__ = ("tapped", "received", "sent", "reference", "peer", "local")

    def __init__(self, tapped):
        self.tapped = tapped
        self.received = tapped.received
        self.sent = tapped.sent
        self.reference = None
        #: Where a connected socket sends to, as getpeername() tells it.
        self.peer = None
        #: What getsockname() told last; None while it is not bound.
        self.local = None


class Hooks:
    def __init__(self, module, settings):
        self._module = module
        self._base = module.SocketType
        self._recorder = Recorder(settings)
        #: Hosts that are addresses and not names.
        self._literals = set()
        #: id() of a socket -> what is known of it, while it lives.
        self._seen = {}
        self._replace_methods(module.socket)
        self._follow_process()

    def made(self, sock):
        """A UDP socket was made: new, or of a descriptor that was there before."""
        key = id(sock)
        seen = Seen(self._recorder.socket())

        def gone(_reference):
            if self._seen.get(key) is seen:
                self._closed(key, seen)

        seen.reference = weakref.ref(sock, gone)
        self._seen[key] = seen
        self._look_at_ends(sock, seen)

    def _look_at_ends(self, sock, seen, moment=None):
        """Tells where the socket is bound and connected, now or since a `moment`; nothing where it is not."""
        base = self._base
        try:
            seen.peer = base.getpeername(sock)
        except OSError:
            seen.peer = None
        try:
            name = base.getsockname(sock)
        except OSError:
            return
        if not name[1] or name == seen.local:
            return
        seen.local = name
        local = LocalEnd(endpoint(name), packed_address(name[0]), name[1])
        self._recorder.bound(seen.tapped, local, moment)

    def _closed(self, key, seen):
        self._seen.pop(key, None)
        self._recorder.closed(seen.tapped)

    def _follow_process(self):
        recorder = self._recorder
        atexit.register(_harmless(recorder.finish))
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=recorder.before_fork,
                after_in_parent=_harmless(recorder.after_fork_in_parent),
                after_in_child=_harmless(recorder.after_fork_in_child),
            )
        # A child of multiprocessing ends so, without atexit; and a program is replaced so.
        for name, task in (
            ("_exit", recorder.finish),
            ("execv", recorder.flush),
            ("execve", recorder.flush),
        ):
            original = getattr(os, name, None)
            if original is not None:
                setattr(os, name, _with_task_before(original, _harmless(task)))

    def _replace_methods(self, cls):
        hooks = self
        base = self._base
        seen_of = self._seen.get
        literals = self._literals
        recorder = self._recorder
        events = recorder.events
        append = events.append
        # At hand, and the real one: tests of programs replace it in all modules.
        now = monotonic
        peek = int(getattr(self._module, "MSG_PEEK", 2))
        cut_flag = int(getattr(self._module, "MSG_TRUNC", 0))
        # Windows refuses to cut: it fails, and so does not tell what it took.
        can_cut = os.name != "nt"

        def hook(name):
            original = getattr(cls, name, None)

            def replace(make):
                if original is not None:
                    setattr(cls, name, as_original(make(original), original))

            return replace

        def took(seen, peer, payload, is_cut=False):
            moment = now()
            try:
                peer = peer or seen.peer
                if not peer:
                    recorder.dropped(seen.tapped)
                elif is_cut:
                    recorder.odd_datagram(seen.received, moment, peer, payload, _CUT)
                else:
                    append((seen.received, moment, peer, payload))
                    if len(events) >= recorder.wake_at:
                        recorder.wake()
            except Exception:
                recorder.dropped(seen.tapped)

        def gave(sock, seen, moment, peer, payload, error=None):
            try:
                # The first send binds a socket; and what was connected may be so no more, or what was not, by other ways.
                if seen.local is None or (peer is None) == (seen.peer is None):
                    hooks._look_at_ends(sock, seen, moment)
                peer = peer or seen.peer
                if not peer or seen.local is None:
                    recorder.dropped(seen.tapped)
                    return
                payload = _copy(payload)
                if error is not None:
                    comment = send_comment(error, len(payload))
                    recorder.odd_datagram(seen.sent, moment, peer, payload, comment)
                    return
                append((seen.sent, moment, peer, payload))
                if len(events) >= recorder.wake_at:
                    recorder.wake()
            except Exception:
                recorder.dropped(seen.tapped)

        def takes(flags):
            return not (isinstance(flags, int) and flags & peek)

        @hook("bind")
        def bind(original):
            def bind(self, *args):
                seen = seen_of(id(self))
                if seen is None:
                    return original(self, *args)
                try:
                    result = original(self, *args)
                except OSError as error:
                    _harmless(hooks._bind_failed)(seen, args, error)
                    raise
                _harmless(hooks._look_at_ends)(self, seen)
                return result

            return bind

        def connecting(original):
            def connect(self, *args):
                result = original(self, *args)
                seen = seen_of(id(self))
                if seen is not None:
                    _harmless(hooks._look_at_ends)(self, seen)
                return result

            return connect

        hook("connect")(connecting)
        hook("connect_ex")(connecting)

        @hook("sendto")
        def sendto(original):
            def sendto(self, *args):
                seen = seen_of(id(self))
                if seen is None or len(args) < 2:
                    return original(self, *args)
                peer = args[-1]
                try:
                    is_literal = peer[0] in literals
                except Exception:
                    is_literal = False
                if not is_literal:
                    peer = hooks._resolved(self, peer)
                    if peer is None:
                        return original(self, *args)
                    args = (*args[:-1], peer)
                moment = now()
                try:
                    result = original(self, *args)
                except OSError as error:
                    gave(self, seen, moment, peer, args[0], error)
                    raise
                payload = args[0]
                if type(payload) is bytes and seen.local is not None and seen.peer is None:
                    append((seen.sent, moment, peer, payload))
                    if len(events) >= recorder.wake_at:
                        recorder.wake()
                else:
                    gave(self, seen, moment, peer, payload)
                return result

            return sendto

        def sending(original):
            def send(self, *args):
                seen = seen_of(id(self))
                if seen is None or not args:
                    return original(self, *args)
                moment = now()
                try:
                    result = original(self, *args)
                except OSError as error:
                    if seen.peer is not None:
                        gave(self, seen, moment, None, args[0], error)
                    raise
                gave(self, seen, moment, None, args[0])
                return result

            return send

        hook("send")(sending)
        hook("sendall")(sending)

        @hook("sendmsg")
        def sendmsg(original):
            def sendmsg(self, *args):
                seen = seen_of(id(self))
                if seen is None or not args:
                    return original(self, *args)
                peer = args[3] if len(args) > 3 else None
                if peer is not None:
                    peer = hooks._resolved(self, peer)
                    if peer is None:
                        return original(self, *args)
                    args = (*args[:3], peer)
                try:
                    # An iterator can be read once.
                    parts = [_copy(part) for part in args[0]]
                except Exception:
                    return original(self, *args)
                moment = now()
                try:
                    result = original(self, parts, *args[1:])
                except OSError as error:
                    if peer is not None or seen.peer is not None:
                        gave(self, seen, moment, peer, b"".join(parts), error)
                    raise
                gave(self, seen, moment, peer, b"".join(parts))
                return result

            return sendmsg

        @hook("recvfrom")
        def recvfrom(original):
            def recvfrom(self, *args):
                seen = seen_of(id(self))
                if seen is None:
                    return original(self, *args)
                size = args[0] if len(args) == 1 else None
                if type(size) is not int or size <= 0:
                    result = original(self, *args)
                    if len(args) < 2 or takes(args[1]):
                        took(seen, result[1], result[0])
                    return result
                # One byte more than was asked for: nothing else tells whether the datagram was cut.
                if size < _LONGEST and can_cut:
                    result = original(self, size + 1)
                    payload, peer = result
                    if len(payload) > size:
                        payload = payload[:size]
                        took(seen, peer, payload, True)
                        return payload, peer
                else:
                    result = original(self, size)
                    payload, peer = result
                if peer:
                    append((seen.received, now(), peer, payload))
                    if len(events) >= recorder.wake_at:
                        recorder.wake()
                else:
                    took(seen, peer, payload)
                return result

            return recvfrom

        @hook("recv")
        def recv(original):
            # This one tells who sent it.
            recvfrom = base.recvfrom

            def recv(self, *args):
                seen = seen_of(id(self))
                if seen is None:
                    return original(self, *args)
                size = args[0] if 1 <= len(args) <= 2 else None
                if type(size) is not int or size <= 0 or not all(type(it) is int for it in args):
                    # Of no bytes it takes none, and the datagram stays.
                    return original(self, *args)
                is_cut = False
                if size < _LONGEST and can_cut:
                    payload, peer = recvfrom(self, size + 1, *args[1:])
                    if len(payload) > size:
                        payload = payload[:size]
                        is_cut = True
                else:
                    payload, peer = recvfrom(self, *args)
                if len(args) < 2 or takes(args[1]):
                    took(seen, peer, payload, is_cut)
                return payload

            return recv

        def receiving_into(name, tells_peer):
            @hook(name)
            def recv_into(original):
                recvfrom_into = base.recvfrom_into

                def recv_into(self, *args, **kwargs):
                    seen = seen_of(id(self))
                    if seen is None or (not args and "buffer" not in kwargs):
                        return original(self, *args, **kwargs)
                    buffer = args[0] if args else kwargs["buffer"]
                    flags = args[2] if len(args) > 2 else kwargs.get("flags", 0)
                    view = _view(buffer)
                    if view is None or view.readonly or not len(view):
                        return original(self, *args, **kwargs)
                    length, peer = recvfrom_into(self, *args, **kwargs)
                    if takes(flags):
                        took(seen, peer, bytes(view[:length]))
                    return (length, peer) if tells_peer else length

                return recv_into

        receiving_into("recv_into", False)
        receiving_into("recvfrom_into", True)

        @hook("recvmsg")
        def recvmsg(original):
            def recvmsg(self, *args):
                result = original(self, *args)
                seen = seen_of(id(self))
                if seen is not None and (len(args) < 3 or takes(args[2])):
                    took(seen, result[3], result[0], result[2] & cut_flag)
                return result

            return recvmsg

        @hook("recvmsg_into")
        def recvmsg_into(original):
            def recvmsg_into(self, *args):
                seen = seen_of(id(self))
                if seen is None or not args:
                    return original(self, *args)
                try:
                    buffers = list(args[0])
                except Exception:
                    return original(self, *args)
                result = original(self, buffers, *args[1:])
                if len(args) < 3 or takes(args[2]):
                    payload = b"".join(bytes(_view(it)) for it in buffers)[: result[0]]
                    took(seen, result[3], payload, result[2] & cut_flag)
                return result

            return recvmsg_into

        def leaving(original):
            def leave(self, *args, **kwargs):
                key = id(self)
                seen = seen_of(key)
                if seen is not None:
                    _harmless(hooks._closed)(key, seen)
                return original(self, *args, **kwargs)

            return leave

        hook("_real_close")(leaving)
        hook("detach")(leaving)

    def _bind_failed(self, seen, args, error):
        address = args[0] if args else None
        if not isinstance(address, tuple) or len(address) < 2 or seen.local is not None:
            return
        name = endpoint((str(address[0]), address[1]))
        self._recorder.bind_failed(seen.tapped, name, error_name(error))

    def _resolved(self, sock, address):
        """The address that a datagram goes to, with its host as a number; None where the call is to fail as it would.

        A name is looked up here and not in the call: once, as without us, and what is recorded is what was asked for.
        """
        if type(address) is not tuple or len(address) < 2:
            return None
        host = address[0]
        if type(host) is not str or type(address[1]) is not int:
            return None
        try:
            packed_address(host)
            if len(self._literals) >= _MOST_LITERALS:
                self._literals.clear()
            self._literals.add(host)
            return address
        except (OSError, ValueError):
            pass
        if host == "<broadcast>":
            return ("255.255.255.255",) + address[1:]
        try:
            family = self._base.family.__get__(sock)
            import _socket

            found = _socket.getaddrinfo(host, None, family, _socket.SOCK_DGRAM)
            return (found[0][4][0],) + address[1:]
        except Exception:
            return None


def _view(buffer):
    """The bytes of a buffer; None where it is none."""
    try:
        return memoryview(buffer).cast("B")
    except Exception:
        return None


def _copy(data):
    return data if type(data) is bytes else bytes(memoryview(data).cast("B"))


def _harmless(task):
    """A fault of the tap must not change how the program goes on."""

    def run(*args):
        try:
            task(*args)
        except Exception:
            pass

    return run


def _with_task_before(original, task):
    def replacement(*args, **kwargs):
        task()
        return original(*args, **kwargs)

    return as_original(replacement, original)
