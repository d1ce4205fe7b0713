"""The names that errors have in a capture (docs/tap.md: Comments)."""

import errno

#: Longer than any datagram over IPv4.
_LONGEST = 65507

_PORT, _HOST, _NETWORK = ((3, 3), (1, 4)), ((3, 1), (1, 3)), ((3, 0), (1, 0))
_PROHIBITED, _OTHER = ((3, 13), (1, 1)), ((3, 2), (4, 0))
#: What a connected socket is told of a datagram that was refused, as type and code of ICMP, and of ICMPv6 (docs/tap.md: Refusals).
_CODES = {
    "ECONNREFUSED": _PORT,
    "ECONNRESET": _PORT,
    "EHOSTUNREACH": _HOST,
    "EHOSTDOWN": _HOST,
    "ENONET": _HOST,
    "ENETUNREACH": _NETWORK,
    "EACCES": _PROHIBITED,
    "ENOPROTOOPT": _OTHER,
    "EPROTO": _OTHER,
}
#: By number, what can come of a call that receives.
REFUSALS = {
    getattr(errno, name): (name, codes) for name, codes in _CODES.items() if hasattr(errno, name)
}
#: The same instead of sending the next one, which most of them can be about as well.
EARLIER_REFUSALS = {
    number: told for number, told in REFUSALS.items() if told[1] is _PORT
}


def error_name(error):
    # It has numbers of its own.
    if type(error).__name__ == "gaierror":
        return "ENOTFOUND"
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number in errno.errorcode:
        return errno.errorcode[number]
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "ETIMEDOUT"
    return "EUNKNOWN"


def send_comment(error, length):
    comment = "send failed: " + error_name(error)
    # The headers cannot say how long such a payload was to be.
    return "%s (%d bytes)" % (comment, length) if length > _LONGEST else comment
