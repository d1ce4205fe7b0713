"""The headers of IP and UDP, made up around a payload (docs/tap.md: Packets). Addresses are 4 or 16 bytes."""

import struct


_ICMP, _UDP, _ICMPV6 = 1, 17, 58


def ipv4_headers(source, destination, source_port, destination_port, length):
    """IPv4 (RFC 791) and UDP (RFC 768) headers of a payload of `length` bytes."""
    udp_length = 8 + length
    # No UDP checksum: 0 says so, and is legal over IPv4.
    udp = struct.pack(">HHHH", source_port, destination_port, udp_length, 0)
    return _ipv4_header(source, destination, _UDP, udp_length) + udp


def _ipv4_header(source, destination, protocol, length):
    words = struct.pack(
        ">HHHHBBH", 0x4500, 20 + length, 0, 0, 64, protocol, 0
    ) + source + destination
    return words[:10] + _checksum(words) + words[12:]


def ipv6_headers(source, destination, source_port, destination_port, length):
    """IPv6 (RFC 8200) and UDP headers without the checksum, their last field, which must be there over IPv6.

    :returns: the headers, and a function from a payload to the checksum, as a number of 16 bits, lower byte first
    """
    udp_length = 8 + length
    udp = struct.pack(">HHH", source_port, destination_port, udp_length)
    header = _ipv6_header(source, destination, _UDP, udp_length)
    pseudo = _sum(source + destination + struct.pack(">II", udp_length, _UDP) + udp)
    number = int.from_bytes

    def checksum(payload):
        # What comes to 0 is written as 0xFFFF: 0 would say that there is none.
        return 0xFFFF - (pseudo + number(payload, "little")) % 0xFFFF

    return header + udp, checksum


def _ipv6_header(source, destination, protocol, length):
    return struct.pack(">IHBB", 0x60000000, length, protocol, 64) + source + destination


def refusal_packet(source, destination, codes, source_port, destination_port, length):
    """An ICMP message (RFC 792), or one of ICMPv6 (RFC 4443), that a datagram was refused, whose headers it quotes.

    :param source: who says so, to `destination`: the datagram went the other way, from `source_port` of that
    :param codes: the type and the code, of ICMP and of ICMPv6
    :param length: of the datagram's payload
    """
    is_ipv4 = len(source) == 4
    kind, code = codes[0 if is_ipv4 else 1]
    ends = destination, source, source_port, destination_port, length
    if is_ipv4:
        message = struct.pack(">BBHI", kind, code, 0, 0) + ipv4_headers(*ends)
        header, pseudo = _ipv4_header(source, destination, _ICMP, len(message)), b""
    else:
        # The checksum of what is quoted is not known.
        message = struct.pack(">BBHI", kind, code, 0, 0) + ipv6_headers(*ends)[0] + b"\0\0"
        header = _ipv6_header(source, destination, _ICMPV6, len(message))
        pseudo = source + destination + struct.pack(">II", len(message), _ICMPV6)
    return header + message[:2] + _checksum(pseudo + message) + message[4:]


def _checksum(words):
    # In the order of bytes in which it is reckoned (RFC 1071, section 2).
    return struct.pack("<H", 0xFFFF - _sum(words))


def _sum(data):
    """The ones' complement sum of 16-bit words (RFC 1071), of the lower byte first: what all of it as one number leaves. Of data that is not all 0."""
    return int.from_bytes(data, "little") % 0xFFFF or 0xFFFF
