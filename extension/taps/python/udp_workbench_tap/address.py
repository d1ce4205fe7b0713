"""Addresses as the module `socket` tells them, and as packets and people have them."""

import _socket
from _socket import AF_INET, AF_INET6, inet_pton

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

    The function returns the program's address with its host in numbers; None where the call is to fail as it would. A name is
    looked up here and not in the call: once, as without us, and what is recorded is what was asked for.
    """
    literals = set()

    def resolved(sock, address):
        if type(address) is not tuple or len(address) < 2:
            return None
        host = address[0]
        if type(host) is not str or type(address[1]) is not int:
            return None
        try:
            packed_address(host)
            if len(literals) >= _MOST_LITERALS:
                literals.clear()
            literals.add(host)
            return address
        except (OSError, ValueError):
            pass
        if host == "<broadcast>":
            return ("255.255.255.255",) + address[1:]
        try:
            family = base.family.__get__(sock)
            found = _socket.getaddrinfo(host, None, family, _socket.SOCK_DGRAM)
            return (found[0][4][0],) + address[1:]
        except Exception:
            return None

    return resolved, literals
