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
