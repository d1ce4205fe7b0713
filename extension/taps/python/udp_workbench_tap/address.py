"""Addresses as the module `socket` tells them, and as packets and people have them."""

import _socket
from _socket import AF_INET, AF_INET6, inet_pton
from operator import index

#: Hosts that are remembered to be addresses.
_MOST_LITERALS = 4096


def packed_address(text):
    """4 or 16 bytes; IPv4 mapped into IPv6 is IPv4, and a zone is left out. Raises OSError where it is no address."""
    if ":" not in text:
        return inet_pton(AF_INET, text)
    packed = inet_pton(AF_INET6, text.split("%", 1)[0])
    return packed[12:] if packed[:12] == b"\0" * 10 + b"\xff\xff" else packed


def endpoint(address):
    """`127.0.0.1:9999`, `[::1]:9999`."""
    host = address[0].split("%", 1)[0]
    if host.startswith("::ffff:") and "." in host:
        host = host[7:]
    return "%s:%d" % ("[%s]" % host if ":" in host else host, address[1])


def resolver(base):
    """A function that tells where a datagram goes to, and the set of hosts of which it is known that they are addresses.

    The function returns the program's address with its host in numbers; None where nobody knows it: then most calls fail. A name
    is looked up here and not in the call: once, as without us, and what is recorded is what was asked for.
    """
    literals = set()

    def resolved(sock, address):
        try:
            host, port, *more = address
            if not isinstance(address, tuple):
                return None
            # Each kind that the call takes.
            host = host.decode("ascii") if isinstance(host, (bytes, bytearray)) else str.__str__(host)
            port = index(port)
        except Exception:
            return None
        try:
            packed_address(host)
            if len(literals) >= _MOST_LITERALS:
                literals.clear()
            literals.add(host)
            return (host, port, *more)
        except (OSError, ValueError):
            pass
        try:
            family = base.family.__get__(sock)
            if host == "<broadcast>" and family == AF_INET:
                return ("255.255.255.255", port, *more)
            flags = 0 if host else _socket.AI_PASSIVE
            found = _socket.getaddrinfo(host or None, 0, family, _socket.SOCK_DGRAM, 0, flags)
            return (found[0][4][0], port, *more)
        except Exception:
            return None

    return resolved, literals
