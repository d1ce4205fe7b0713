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


def packet_edges(headers, kept, length, direction, dropped, comment):
    """What stands around a payload in an Enhanced Packet Block (section 4.3), but for the interface's number and the time.

    :param headers: the length of the IP and UDP headers
    :param kept: bytes of the payload that are recorded, of `length` in all
    :returns: what comes before the interface's number, what comes between the time and the headers, what comes behind the payload
    """
    captured = headers + kept
    options = _option(2, struct.pack("<I", direction))
    if dropped > 0:
        options += _option(4, struct.pack("<Q", dropped))
    options += _text(1, comment) + _END_OF_OPTIONS
    padding = b"\0" * (-captured % 4)
    total = 28 + captured + len(padding) + len(options) + 4
    before = struct.pack("<II", 6, total)
    between = struct.pack("<II", captured, headers + length)
    return before, between, padding + options + struct.pack("<I", total)


def packet(number, time, data, direction, comment):
    """Enhanced Packet Block (section 4.3) of a whole packet."""
    before, between, behind = packet_edges(0, len(data), len(data), direction, 0, comment)
    return before + struct.pack("<I", number) + time_stamp(time) + between + data + behind
