"""The names that errors have in a capture (docs/tap.md: Comments)."""

import errno

#: Longer than any datagram over IPv4.
_LONGEST = 65507


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
