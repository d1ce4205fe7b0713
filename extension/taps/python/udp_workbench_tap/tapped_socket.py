"""What the recorder knows of one socket, and its counters (docs/tap.md: Drop counts)."""

UNDESCRIBED = -1


class LocalEnd:
    """Where a socket is bound: `name` as people write it, `address` as 4 or 16 bytes."""

    __slots__ = ("name", "address", "port")

    def __init__(self, name, address, port):
        self.name = name
        self.address = address
        self.port = port


class Way(dict):
    """One direction of a socket: by peer and length, what stands around a payload in the file."""

    __slots__ = ("tapped", "direction", "kept", "refusable")

    def __init__(self, tapped, direction):
        super().__init__()
        self.tapped = tapped
        self.direction = direction
        #: Datagrams in the buffer and not in the file.
        self.kept = 0
        #: The length of the last datagram to the peer of a connected socket, until somebody has refused one.
        self.refusable = None


class TappedSocket:
    __slots__ = (
        "number",
        "local",
        "interface",
        "start",
        "end",
        "is_end_told",
        "received",
        "sent",
        "passed",
        "dropped",
        "untold",
        "told_in_statistics",
        "unflushed_drops",
        "is_revoked",
    )

    def __init__(self, number, inbound, outbound):
        self.number = number
        #: A LocalEnd; None until it is bound.
        self.local = None
        #: Its number in the current segment.
        self.interface = UNDESCRIBED
        #: Microseconds since 1970: when it was bound, and closed.
        self.start = None
        self.end = None
        self.is_end_told = False
        self.received = Way(self, inbound)
        self.sent = Way(self, outbound)
        self.passed = 0
        self.dropped = 0
        #: Of those dropped, how many no datagram's block has told.
        self.untold = 0
        self.told_in_statistics = 0
        #: What the datagrams tell that are in the buffer and not in the file.
        self.unflushed_drops = 0
        #: Closed by somebody else than the program.
        self.is_revoked = False

    @property
    def has_untold_drops(self):
        """Whether a statistics block would say something new."""
        return self.untold > 0 and self.told_in_statistics < self.dropped

    @property
    def unflushed(self):
        return self.received.kept + self.sent.kept

    def drop(self):
        """A datagram passed that will be in no file."""
        self.passed += 1
        self.dropped += 1
        self.untold += 1
        self.forget_frames()

    def keep_unflushed(self):
        """What was in the buffer is in the file."""
        self.passed += self.unflushed
        self.received.kept = self.sent.kept = 0
        self.unflushed_drops = 0

    def lose_unflushed(self):
        """What was in the buffer is gone."""
        lost = self.unflushed
        self.untold += lost + self.unflushed_drops
        self.dropped += lost
        self.told_in_statistics = 0
        self.keep_unflushed()
        self.forget_frames()

    def absorb(self, other):
        """Counts what `other`, which is given up, has counted: it will be told as this one's."""
        self.passed += other.passed
        self.dropped += other.dropped
        self.untold += other.untold
        self.told_in_statistics = 0

    def begin_again(self, time):
        """In a child after a fork: nothing has passed it yet there."""
        self.interface = UNDESCRIBED
        self.is_end_told = False
        self.passed = self.dropped = self.untold = self.told_in_statistics = self.unflushed_drops = 0
        self.received.kept = self.sent.kept = 0
        self.start = time
        self.forget_frames()

    def forget_frames(self):
        self.received.clear()
        self.sent.clear()
