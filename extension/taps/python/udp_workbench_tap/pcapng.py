"""The blocks of a pcapng file (draft-ietf-opsawg-pcapng), as docs/tap.md has them: little-endian, microseconds, raw IP."""

import struct

MAX_TEXT = 4096
MAX_COMMENTS = 2
IN = 1
OUT = 2

_LINK_TYPE_RAW = 101
_END_OF_OPTIONS = b"\0\0\0\0"


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


def _option(code, value):
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _text(code, text):
    """A text of at most 4,096 bytes, cut at a whole character; nothing where it is empty."""
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_TEXT:
        data = data[:MAX_TEXT].decode("utf-8", "ignore").encode("utf-8")
    return _option(code, data) if data else b""


def _block(kind, body):
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def time_stamp(microseconds):
    """The upper, then the lower 32 bits: the one field that is not a plain 64-bit number."""
    return struct.pack("<II", microseconds >> 32 & 0xFFFFFFFF, microseconds & 0xFFFFFFFF)


def _time_option(code, microseconds):
    return b"" if microseconds is None else _option(code, time_stamp(microseconds))


def section(application, system, comment):
    """Section Header Block (section 4.1), of unknown length, so that it can grow."""
    body = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    options = _text(1, comment) + _text(3, system) + _text(4, application)
    return _block(0x0A0D0D0A, body + options + _END_OF_OPTIONS)


def interface(name, description, comments):
    """Interface Description Block (section 4.2); its number is its place in the section."""
    body = struct.pack("<HHI", _LINK_TYPE_RAW, 0, 0)
    for comment in comments[:MAX_COMMENTS]:
        body += _text(1, comment)
    body += _text(2, name) + _text(3, description) + _option(9, b"\x06")
    return _block(1, body + _END_OF_OPTIONS)


def statistics(number, now, start, end, received, dropped):
    """Interface Statistics Block (section 4.6), written at `now`."""
    body = struct.pack("<I", number) + time_stamp(now)
    body += _time_option(2, start) + _time_option(3, end)
    if received is not None:
        body += _option(4, struct.pack("<Q", received))
    if dropped is not None:
        body += _option(5, struct.pack("<Q", dropped))
    return _block(5, body + _END_OF_OPTIONS)


def packet_frame(headers, kept, length, direction, dropped, comment):
    """What stands around a payload in an Enhanced Packet Block (section 4.3), apart from its time stamp.

    :param headers: the IP and UDP headers
    :param kept: bytes of the payload that are recorded, of `length` in all
    :returns: what comes before the interface's number, what comes between the time and the payload, what comes behind it
    """
    captured = len(headers) + kept
    options = _option(2, struct.pack("<I", direction))
    if dropped > 0:
        options += _option(4, struct.pack("<Q", dropped))
    options += _text(1, comment) + _END_OF_OPTIONS
    padding = b"\0" * (-captured % 4)
    total = 28 + captured + len(padding) + len(options) + 4
    before = struct.pack("<II", 6, total)
    between = struct.pack("<II", captured, len(headers) + length) + headers
    return before, between, padding + options + struct.pack("<I", total)


def ipv4_headers(source, destination, source_port, destination_port, length):
    """IPv4 (RFC 791) and UDP (RFC 768) headers of a payload of `length` bytes; addresses are 4 bytes each."""
    udp_length = 8 + length
    words = struct.pack(
        ">HHHHBBH", 0x4500, 20 + udp_length, 0, 0, 64, 17, 0
    ) + source + destination
    checksum = _checksum(words)
    header = words[:10] + struct.pack(">H", checksum) + words[12:]
    # No UDP checksum: 0 says so, and is legal over IPv4.
    return header + struct.pack(">HHHH", source_port, destination_port, udp_length, 0)


def ipv6_headers(source, destination, source_port, destination_port, payload):
    """IPv6 (RFC 8200) and UDP headers; over IPv6 the checksum must be there, so the whole payload is needed."""
    udp_length = 8 + len(payload)
    pseudo = source + destination + struct.pack(">II", udp_length, 17)
    udp = struct.pack(">HHHH", source_port, destination_port, udp_length, 0)
    checksum = _checksum(pseudo + udp + payload) or 0xFFFF
    header = struct.pack(">IHBB", 0x60000000, udp_length, 17, 64) + source + destination
    return header + udp[:6] + struct.pack(">H", checksum)


def _checksum(data):
    """The ones' complement sum of RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
