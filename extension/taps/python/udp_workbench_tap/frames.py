"""What stands around a payload in the file: all of a packet's block but the time stamp, and over IPv6 the checksum."""

import struct

from . import pcapng
from .address import packed_address
from .ip import ipv4_headers, ipv6_headers

#: What stands around a payload has no more bytes, whatever is odd about it.
MOST_AROUND = 512
_MOST_IPV4 = 65507
_MOST_IPV6 = 65527


def frame_of(way, peer, length, high, snap_length, comment):
    """The same for each datagram of this length from or to this peer, as long as nothing is odd.

    :param high: the upper 32 bits of the time stamp
    :returns: a function, the block's bytes, and three parts; the function takes a buffer, where the block is to begin in it,
        the first part, the lower 32 bits of the time stamp, the second part, the payload and the third part
    """
    tapped = way.tapped
    local = tapped.local
    address = packed_address(peer[0])
    size = len(address)
    # A wildcard of the peer's family, where the socket takes both.
    own = local.address if len(local.address) == size else bytes(size)
    is_in = way.direction == pcapng.IN
    ends = (address, own) if is_in else (own, address)
    ports = (peer[1], local.port) if is_in else (local.port, peer[1])
    is_ipv4 = size == 4
    wire = min(length, _MOST_IPV4 if is_ipv4 else _MOST_IPV6)
    kept = min(wire, snap_length)
    if is_ipv4:
        headers = ipv4_headers(*ends, *ports, wire)
        before, between, behind = pcapng.packet_edges(
            len(headers), kept, wire, way.direction, tapped.untold, comment
        )
        form = "<%dsI%ds%ds%ds"
    else:
        headers, checksum = ipv6_headers(*ends, *ports, wire)
        before, between, behind = pcapng.packet_edges(
            len(headers) + 2, kept, wire, way.direction, tapped.untold, comment
        )
        form = "<%dsI%dsH%ds%ds"
    before += struct.pack("<II", tapped.interface & 0xFFFFFFFF, high)
    between += headers
    form = struct.Struct(form % (len(before), len(between), kept, len(behind)))
    # What is longer than its place in the block is cut.
    pack_into = form.pack_into
    if is_ipv4:
        return pack_into, form.size, before, between, behind

    def pack_with_checksum(buffer, at, before, low, between, payload, behind):
        pack_into(buffer, at, before, low, between, checksum(payload[:wire]), payload, behind)

    return pack_with_checksum, form.size, before, between, behind
