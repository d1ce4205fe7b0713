"""Sends from the program's own sockets, closes them, and sets their rules, for who controls it (docs/tap.md: Control messages)."""

import _socket
import weakref

from .address import endpoint, packed_address
from .errors import error_name

#: The program's thread is not this one: what cannot be sent at once is refused.
_AT_ONCE = int(getattr(_socket, "MSG_DONTWAIT", 0))


class Actions:
    def __init__(self, hooks):
        # Who waits for the program's end holds this: were it to hold the sockets' side as well, Python would tell of their
        # end before their destructors run, and what these send would not be seen.
        self._reference = weakref.ref(hooks)

    @property
    def _hooks(self):
        return self._reference()

    def act(self, request):
        """Returns the payload's bytes that were sent, 0 for all else, or the name of the reason why not; never raises."""
        try:
            sock, seen = self._socket(request) or (None, None)
            if sock is None:
                return "NO_SOCKET"
            if request.do == "send":
                return self._send(sock, request.address, request.port, request.payload)
            if request.do == "close":
                self._hooks.close(sock)
                return 0
            if request.do == "setRules":
                return self._set_rules(sock, seen, request.rules)
            rules = self._hooks.rules
            return 0 if rules is not None and rules.keep(seen) else "NO_RULES"
        except Exception as error:
            return error_name(error)

    def _socket(self, request):
        """The one that is meant, and what is known of it; None where it is gone, or its local end is another one now."""
        for seen in list(self._hooks.seen.values()):
            if seen.tapped.number == request.socket:
                sock = seen.reference()
                if sock is not None and self._local(sock) == request.local:
                    return sock, seen
        return None

    def _set_rules(self, sock, seen, given):
        if not given and self._hooks.rules is None:
            return 0
        try:
            self._hooks.all_rules().set(sock, seen, given)
            return 0
        except ValueError:
            return "EINVAL"

    def _local(self, sock):
        try:
            return endpoint(self._hooks.base.getsockname(sock))
        except OSError:
            return None

    def _send(self, sock, address, port, payload):
        """As the program would, and recorded so; its own methods have no part in it."""
        base = self._hooks.base
        try:
            peer = base.getpeername(sock)
        except OSError:
            peer = None
        if peer is not None:
            if peer[1] != port or packed_address(peer[0]) != packed_address(address):
                return "OTHER_PEER"
            return self._hooks.methods["send"](sock, payload, _AT_ONCE)
        is_ipv6 = base.family.__get__(sock) == _socket.AF_INET6
        if ":" in address and not is_ipv6:
            return "EAFNOSUPPORT"
        # A socket for both families calls IPv4 addresses so (RFC 4291 section 2.5.5.2).
        target = "::ffff:" + address if is_ipv6 and ":" not in address else address
        return self._hooks.methods["sendto"](sock, payload, _AT_ONCE, (target, port))
