"""The calls that receive: what they take, what they leave, and how they fail."""

import array
import socket

from cases import bound, case, outcome, pair, refused, run


@case
def what_is_no_size():
    _, other = pair()
    for receive in (other.recv, other.recvfrom):
        for given in ((), (-1,), ("10",), (None,), (10.0,), (10, "flags"), (10, 0, 0), (2**70,)):
            yield outcome(receive, *given)
        yield refused(receive, bufsize=10)
        yield refused(receive, 10, flags=0)
    other.settimeout(0)
    for size in (True, 1, 65535, 65536):
        yield outcome(other.recv, size), outcome(other.recvfrom, size)


@case
def sizes_that_are_near_the_length():
    one, other = pair()
    for size in (True, 1, 4, 5, 6, 65534, 65535, 65536, 200000):
        for receive in (other.recv, lambda it: other.recvfrom(it)[0], lambda it: other.recvmsg(it)[::2]):
            one.send(b"12345")
            yield size, outcome(receive, size)


@case
def of_nothing():
    one, other = pair()
    one.send(b"stays")
    yield outcome(other.recv, 0), outcome(lambda: other.recvfrom(0)[0])
    other.settimeout(0.05)
    yield outcome(other.recv, 10)
    one.send(b"")
    yield outcome(other.recv, 10)
    one.send(b"")
    yield outcome(lambda: other.recvfrom(10)[1] == one.getsockname())


@case
def a_look_that_takes_nothing():
    one, other = pair()
    one.send(b"12345")
    peek = socket.MSG_PEEK
    yield other.recv(10, peek), other.recvfrom(10, peek)[0], other.recvmsg(10, 0, peek)[0]
    buffer = bytearray(10)
    yield other.recv_into(buffer, 0, peek), other.recvfrom_into(buffer, 3, peek)[0], buffer
    yield other.recvmsg_into([buffer], 0, peek)[0], buffer, other.recv(2, peek), other.recv(10)


@case
def flags():
    one, other = pair()
    for flag in ("MSG_DONTWAIT", "MSG_WAITALL", "MSG_TRUNC", "MSG_OOB"):
        value = getattr(socket, flag, 0)
        one.send(b"12345")
        yield flag, outcome(other.recv, 10, value)
        other.settimeout(0)
        yield outcome(other.recv, 10), outcome(other.recv, 10, value)
        other.settimeout(20)
    trunc = getattr(socket, "MSG_TRUNC", 0)
    for call in (lambda: len(other.recv(2, trunc)), lambda: other.recv_into(bytearray(2), 0, trunc)):
        one.send(b"12345")
        yield outcome(call)


@case
def into_a_buffer():
    one, other = pair()
    for make in (lambda: bytearray(8), lambda: memoryview(bytearray(8)), lambda: array.array("H", [0] * 4)):
        for receive in ("recv_into", "recvfrom_into"):
            for more in ((), (0,), (3,), (8,), (3, 0)):
                buffer = make()
                one.send(b"12345")
                result = getattr(other, receive)(buffer, *more)
                yield receive, more, result if receive == "recv_into" else result[0], bytes(buffer)


@case
def into_what_is_none():
    one, other = pair()
    one.send(b"12345")
    other.settimeout(0.05)
    for receive in (other.recv_into, other.recvfrom_into):
        for given in ((), (b"constant",), ("text",), (bytearray(3), -1), (bytearray(3), 4), (bytearray(3), "3"), (None,)):
            yield outcome(receive, *given)
        yield outcome(receive, bytearray(3), 0, "flags"), outcome(receive, bytearray(3), 0, 0, 0)
        yield outcome(receive, memoryview(bytearray(8))[::2])
    yield outcome(other.recv_into, bytearray())
    yield outcome(other.recv, 10)
    one.send(b"by name")
    yield outcome(other.recv_into, buffer=bytearray(10), nbytes=4, flags=0)
    one.send(b"by name")
    yield outcome(lambda: other.recvfrom_into(bytearray(10), nbytes=4)[0])
    yield outcome(other.recv_into, bytearray(10), size=4)


@case
def messages():
    one, other = pair()
    for given in ((10,), (10, 100), (10, 0, 0), (2,), (0,)):
        one.send(b"12345")
        yield given, outcome(lambda: other.recvmsg(*given)[:3])
    other.settimeout(0.05)
    for given in ((), (-1,), ("10",), (10, -1), (10, "0"), (10, 0, "0"), (10, 0, 0, 0), (None,)):
        yield outcome(other.recvmsg, *given)
    yield refused(other.recvmsg, bufsize=10)


@case
def messages_into_buffers():
    one, other = pair()
    parts = [bytearray(2), memoryview(bytearray(2)), array.array("B", [0, 0])]
    for buffers in (parts, iter(parts), parts[:1], [bytearray(), bytearray(9)], []):
        one.send(b"12345")
        yield outcome(lambda: other.recvmsg_into(buffers)[:3]), [bytes(it) for it in parts]
    other.settimeout(0.05)
    for given in ((), (b"bytes",), ([b"constant"],), (None,), (5,), ([bytearray(5)], -1), ([bytearray(5)], 0, "0")):
        yield outcome(other.recvmsg_into, *given)

    def failing():
        yield bytearray(5)
        raise ValueError("mine")

    yield outcome(other.recvmsg_into, failing())


@case
def who_has_sent_it():
    here, there = bound(), bound()
    end = there.getsockname()
    for receive in (here.recvfrom, lambda size: here.recvfrom_into(bytearray(size)), lambda size: here.recvmsg(size)[::3]):
        there.sendto(b"who", here.getsockname())
        payload, peer = receive(10)
        yield payload, type(peer).__name__, peer == end
    six = bound(socket.AF_INET6)
    six.sendto(b"six", six.getsockname())
    payload, peer = six.recvfrom(10)
    yield payload, len(peer), peer[2:]


@case
def what_comes_beside():
    here, there = bound(), bound()
    here.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_PKTINFO", 8), 1)
    there.sendto(b"beside", here.getsockname())
    payload, beside, flags, _ = here.recvmsg(10, 100)
    yield payload, [(level, kind, len(data)) for level, kind, data in beside], flags


@case
def files():
    one, other = pair()
    with other.makefile("rb") as file:
        one.send(b"a line\nand more")
        yield file.readline()
        one.send(b"\n")
        yield file.readline(), outcome(lambda: other.settimeout(0.05) or file.readline())
        yield outcome(file.readline)
    with other.makefile("rwb", buffering=0) as file:
        other.settimeout(20)
        one.send(b"raw")
        yield outcome(file.read, 10), outcome(file.write, b"back"), one.recv(10)


run()
