"""The headers of IP and UDP, made up around a payload (docs/tap.md: Packets). Addresses are 4 or 16 bytes."""

import struct


def ipv4_headers(source, destination, source_port, destination_port, length):
    """IPv4 (RFC 791) and UDP (RFC 768) headers of a payload of `length` bytes."""
    udp_length = 8 + length
    words = struct.pack(
        ">HHHHBBH", 0x4500, 20 + udp_length, 0, 0, 64, 17, 0
    ) + source + destination
    # In the order of bytes in which it is reckoned (RFC 1071, section 2).
    checksum = struct.pack("<H", 0xFFFF - _sum(words))
    header = words[:10] + checksum + words[12:]
    # No UDP checksum: 0 says so, and is legal over IPv4.
    return header + struct.pack(">HHHH", source_port, destination_port, udp_length, 0)


def ipv6_headers(source, destination, source_port, destination_port, length):
    """IPv6 (RFC 8200) and UDP headers without the checksum, their last field, which must be there over IPv6.

    :returns: the headers, and a function from a payload to the checksum, as a number of 16 bits, lower byte first
    """
    udp_length = 8 + length
    udp = struct.pack(">HHH", source_port, destination_port, udp_length)
    header = struct.pack(">IHBB", 0x60000000, udp_length, 17, 64) + source + destination
    pseudo = _sum(source + destination + struct.pack(">II", udp_length, 17) + udp)
    number = int.from_bytes

    def checksum(payload):
        # What comes to 0 is written as 0xFFFF: 0 would say that there is none.
        return 0xFFFF - (pseudo + number(payload, "little")) % 0xFFFF

    return header + udp, checksum


def _sum(data):
    """The ones' complement sum of 16-bit words (RFC 1071), of the lower byte first: what all of it as one number leaves. Of data that is not all 0."""
    return int.from_bytes(data, "little") % 0xFFFF or 0xFFFF
