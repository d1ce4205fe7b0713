"""Stands in the methods of `socket.socket`, and tells the recorder what passes a UDP socket.

The methods are the class's, so that `type(s) is socket.socket`, subclasses and `repr` stay as they are; a socket of another
kind costs them one look into a dictionary. Whatever is asked of a socket here is asked of the C class below, which no
program overrides. A failure in here is a dropped record, never the program's.
"""

import atexit
import errno
import os
import weakref
from time import monotonic_ns

from . import as_original, pcapng
from .recorder import LocalEnd, Recorder, packed_address


#: Hosts that are remembered to be addresses.
_MOST_LITERALS = 4096


class Seen:
    """One socket of the program."""

    __slots__ = ("tapped", "reference", "peer", "target")

    def __init__(self, tapped):
        self.tapped = tapped
        self.reference = None
        #: Where a connected socket sends to, as getpeername() tells it.
        self.peer = None
        #: What it was last to be bound to.
        self.target = None


class Hooks:
    def __init__(self, module, settings):
        self._module = module
        self._base = module.SocketType
        self._recorder = Recorder(settings)
        #: Hosts that are addresses and not names.
        self._literals = set()
        #: id() of a socket -> what is known of it, while it lives.
        self.seen = {}
        self._replace_methods(module.socket)
        self._follow_process()

    def made(self, sock):
        """A UDP socket was made: new, or of a descriptor that was there before."""
        key = id(sock)
        seen = Seen(self._recorder.socket())

        def gone(reference):
            if self.seen.get(key) is seen:
                self._closed(key, seen)

        seen.reference = weakref.ref(sock, gone)
        self.seen[key] = seen
        self._look_at_ends(sock, seen)

    def _look_at_ends(self, sock, seen):
        """Tells where the socket is bound and connected now; nothing where it is not."""
        base = self._base
        try:
            seen.peer = base.getpeername(sock)
        except OSError:
            seen.peer = None
        try:
            name = base.getsockname(sock)
        except OSError:
            return
        if not name[1]:
            return
        address = packed_address(name[0])
        self._recorder.bound(seen.tapped, LocalEnd(_name(name), address, name[1]))

    def _closed(self, key, seen):
        self.seen.pop(key, None)
        self._recorder.closed(seen.tapped)

    def _follow_process(self):
        recorder = self._recorder
        atexit.register(_unharmed(recorder.finish))
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=_unharmed(recorder.before_fork),
                after_in_parent=_unharmed(recorder.after_fork_in_parent),
                after_in_child=_unharmed(recorder.after_fork_in_child),
            )
        # A child of multiprocessing ends so, without atexit; and a program is replaced so.
        for name, task in (
            ("_exit", recorder.finish),
            ("execv", recorder.flush),
            ("execve", recorder.flush),
        ):
            original = getattr(os, name, None)
            if original is not None:
                setattr(os, name, _with_task_before(original, _unharmed(task)))

    def _replace_methods(self, cls):
        base = self._base
        seen_of = self.seen.get
        literals = self._literals
        recorder = self._recorder
        received = recorder.recording(pcapng.IN)
        sent = recorder.recording(pcapng.OUT)
        dropped = recorder.dropped
        peek = int(getattr(self._module, "MSG_PEEK", 2))
        cut_flag = int(getattr(self._module, "MSG_TRUNC", 0))
        has_messages = hasattr(base, "recvmsg")

        def hook(name):
            original = getattr(cls, name, None)

            def replace(make):
                if original is not None:
                    setattr(cls, name, as_original(make(original), original))

            return replace

        def took(sock, seen, time, peer, payload, is_cut=False):
            try:
                peer = peer or seen.peer
                if not peer:
                    dropped(seen.tapped)
                    return
                comment = "the program's buffer was smaller: the rest is lost" if is_cut else ""
                received(seen.tapped, time, peer, payload, comment)
            except Exception:
                dropped(seen.tapped)

        def gave(sock, seen, time, peer, payload, error=None):
            try:
                if seen.tapped.local is None or (peer is None and seen.peer is None):
                    self._look_at_ends(sock, seen)  # The first send binds a socket.
                peer = peer or seen.peer
                if not peer or seen.tapped.local is None:
                    dropped(seen.tapped)
                    return
                if type(payload) is not bytes:
                    payload = _bytes(payload)
                comment = "" if error is None else _send_comment(error, len(payload))
                sent(seen.tapped, time, peer, payload, comment)
            except Exception:
                dropped(seen.tapped)

        @hook("bind")
        def bind(original):
            def bind(self, *args):
                seen = seen_of(id(self))
                if seen is None:
                    return original(self, *args)
                try:
                    result = original(self, *args)
                except OSError as error:
                    _swallow(lambda: self_._bind_failed(seen, args, error))
                    raise
                _swallow(lambda: self_._look_at_ends(self, seen))
                return result

            self_ = self
            return bind

        def connecting(original):
            def connect(self, *args):
                result = original(self, *args)
                seen = seen_of(id(self))
                if seen is not None:
                    _swallow(lambda: self_._look_at_ends(self, seen))
                return result

            self_ = self
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
                if type(peer) is not tuple or peer[0] not in literals:
                    peer = self_._resolved(self, peer)
                    if peer is None:
                        return original(self, *args)
                    args = (*args[:-1], peer)
                time = monotonic_ns()
                try:
                    result = original(self, *args)
                except OSError as error:
                    gave(self, seen, time, peer, args[0], error)
                    raise
                if type(args[0]) is not bytes or seen.tapped.local is None:
                    gave(self, seen, time, peer, args[0])
                else:
                    try:
                        sent(seen.tapped, time, peer, args[0])
                    except Exception:
                        dropped(seen.tapped)
                return result

            self_ = self
            return sendto

        def sending(original):
            def send(self, *args):
                seen = seen_of(id(self))
                if seen is None or not args:
                    return original(self, *args)
                time = monotonic_ns()
                try:
                    result = original(self, *args)
                except OSError as error:
                    if seen.peer is not None:
                        gave(self, seen, time, None, args[0], error)
                    raise
                gave(self, seen, time, None, args[0])
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
                    peer = self_._resolved(self, peer)
                    if peer is None:
                        return original(self, *args)
                    args = args[:3] + (peer,)
                # An iterator can be read once.
                buffers = _copies(args[0])
                if buffers is None:
                    return original(self, *args)
                time = monotonic_ns()
                try:
                    result = original(self, buffers, *args[1:])
                except OSError as error:
                    if peer is not None or seen.peer is not None:
                        gave(self, seen, time, peer, b"".join(buffers), error)
                    raise
                gave(self, seen, time, peer, b"".join(buffers))
                return result

            self_ = self
            return sendmsg

        def plain(flags):
            return not (isinstance(flags, int) and flags & peek)

        @hook("recvfrom")
        def recvfrom(original):
            recvmsg = base.recvmsg if has_messages else None

            def recvfrom(self, *args):
                seen = seen_of(id(self))
                if seen is None:
                    return original(self, *args)
                if len(args) == 1 and recvmsg and type(args[0]) is int and args[0] >= 0:
                    # The same call of the system, which tells in addition whether the datagram was cut.
                    payload, _ancillary, flags, peer = recvmsg(self, args[0])
                    if flags & cut_flag or not peer:
                        took(self, seen, monotonic_ns(), peer, payload, flags & cut_flag)
                    else:
                        try:
                            received(seen.tapped, monotonic_ns(), peer, payload)
                        except Exception:
                            dropped(seen.tapped)
                    return payload, peer
                result = original(self, *args)
                if len(args) < 2 or plain(args[1]):
                    took(self, seen, monotonic_ns(), result[1], result[0])
                return result

            return recvfrom

        @hook("recv")
        def recv(original):
            recvmsg = base.recvmsg if has_messages else None

            def recv(self, *args):
                seen = seen_of(id(self))
                if seen is None:
                    return original(self, *args)
                if recvmsg and 1 <= len(args) <= 2 and all(type(it) is int for it in args) and args[0] >= 0:
                    # Only this one tells who sent it.
                    payload, _ancillary, flags, peer = recvmsg(self, args[0], 0, *args[1:])
                    if len(args) < 2 or plain(args[1]):
                        took(self, seen, monotonic_ns(), peer, payload, flags & cut_flag)
                    return payload
                result = original(self, *args)
                if len(args) < 2 or plain(args[1]):
                    took(self, seen, monotonic_ns(), None, result)
                return result

            return recv

        def receiving_into(name, has_peer):
            @hook(name)
            def recv_into(original):
                recvfrom_into = base.recvfrom_into

                def recv_into(self, *args, **kwargs):
                    seen = seen_of(id(self))
                    if seen is None:
                        return original(self, *args, **kwargs)
                    if kwargs or not args:
                        result = original(self, *args, **kwargs)
                        length, peer = result if has_peer else (result, None)
                        flags = kwargs.get("flags", 0)
                        buffer = args[0] if args else kwargs.get("buffer")
                    else:
                        flags = args[2] if len(args) > 2 else 0
                        buffer = args[0]
                        length, peer = recvfrom_into(self, *args)
                        result = (length, peer) if has_peer else length
                    if plain(flags):
                        time = monotonic_ns()
                        _swallow(
                            lambda: took(
                                self, seen, time, peer, bytes(memoryview(buffer).cast("B")[:length])
                            )
                        )
                    return result

                return recv_into

        receiving_into("recv_into", False)
        receiving_into("recvfrom_into", True)

        @hook("recvmsg")
        def recvmsg(original):
            def recvmsg(self, *args):
                result = original(self, *args)
                seen = seen_of(id(self))
                if seen is not None and (len(args) < 3 or plain(args[2])):
                    took(self, seen, monotonic_ns(), result[3], result[0], result[2] & cut_flag)
                return result

            return recvmsg

        @hook("recvmsg_into")
        def recvmsg_into(original):
            def recvmsg_into(self, buffers, *args):
                seen = seen_of(id(self))
                if seen is None:
                    return original(self, buffers, *args)
                buffers = list(buffers)
                result = original(self, buffers, *args)
                if len(args) < 2 or plain(args[1]):
                    time = monotonic_ns()
                    _swallow(
                        lambda: took(
                            self,
                            seen,
                            time,
                            result[3],
                            b"".join(bytes(memoryview(b).cast("B")) for b in buffers)[: result[0]],
                            result[2] & cut_flag,
                        )
                    )
                return result

            return recvmsg_into

        def leaving(original):
            def leave(self, *args, **kwargs):
                key = id(self)
                seen = seen_of(key)
                if seen is not None:
                    _swallow(lambda: self_._closed(key, seen))
                return original(self, *args, **kwargs)

            self_ = self
            return leave

        hook("_real_close")(leaving)
        hook("detach")(leaving)

    def _bind_failed(self, seen, args, error):
        address = args[0] if args else None
        if not isinstance(address, tuple) or len(address) < 2 or seen.tapped.local is not None:
            return
        self._recorder.bind_failed(seen.tapped, _name((str(address[0]), address[1])), _code(error))

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


def _name(address):
    """`127.0.0.1:9999`, `[::1]:9999`, of an address as the module `socket` tells it."""
    host = address[0].split("%", 1)[0]
    if host.startswith("::ffff:") and "." in host:
        host = host[7:]
    return "%s:%d" % ("[%s]" % host if ":" in host else host, address[1])


def _bytes(data):
    return data if type(data) is bytes else bytes(memoryview(data).cast("B"))


def _copies(buffers):
    try:
        return [_bytes(buffer) for buffer in buffers]
    except Exception:
        return None


def _code(error):
    number = getattr(error, "errno", None)
    if isinstance(number, int):
        return errno.errorcode.get(number, "EUNKNOWN")
    return "ETIMEDOUT" if isinstance(error, TimeoutError) or "timed out" in str(error) else "ENOTFOUND"


def _send_comment(error, length):
    if error is None:
        return ""
    comment = "send failed: " + _code(error)
    # The headers cannot say how long such a payload was to be.
    return "%s (%d bytes)" % (comment, length) if length > 65507 else comment


def _swallow(task):
    try:
        task()
    except Exception:
        pass


def _unharmed(task):
    """A fault of the tap must not change how the program goes on."""

    def run():
        try:
            task()
        except Exception:
            pass

    return run


def _with_task_before(original, task):
    def replacement(*args, **kwargs):
        task()
        return original(*args, **kwargs)

    return as_original(replacement, original)
