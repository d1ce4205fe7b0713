"""Addresses as the module `socket` tells them, and as packets and people have them."""

from _socket import AF_INET, AF_INET6, inet_pton


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
