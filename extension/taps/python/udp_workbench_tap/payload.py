"""The bytes of what a program gives to its socket, or has filled by it."""


def bytes_view(buffer):
    """The bytes of a buffer, as they stand in it; None where it is none."""
    try:
        return memoryview(buffer).cast("B")
    except Exception:
        return None


def copied(data):
    """The same as bytes of our own. Raises TypeError where it is no buffer."""
    return data if type(data) is bytes else bytes(memoryview(data).cast("B"))


def length_of(data):
    """The bytes of a buffer."""
    return memoryview(data).nbytes


def joined(parts):
    """The datagram that is in these parts; nothing where they are none."""
    try:
        return b"".join([copied(part) for part in parts])
    except Exception:
        return None


def noting(parts, noted):
    """The same parts, which are in `noted` once somebody has asked for them."""
    for part in parts:
        noted.append(part)
        yield part
