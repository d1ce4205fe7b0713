"""The calls that send: what they take, and how they fail."""

import array
import enum
import socket
import typing

from cases import bound, case, outcome, pair, refused, run


class Port(enum.IntEnum):
    WRONG = 70000


class Endpoint(typing.NamedTuple):
    host: str
    port: int


class Host(str):
    pass


class Number:
    def __init__(self, number):
        self.number = number

    def __index__(self):
        return self.number


@case
def sendto_with_too_few_and_too_many():
    s = bound()
    end = s.getsockname()
    for given in ((), (b"x",), (b"x", 0, end, 0), (b"x", end, 0), (b"x", 0, 0), (b"x", None, end)):
        yield outcome(s.sendto, *given)
    yield refused(s.sendto, data=b"x", address=end)
    yield refused(s.sendto, b"x", address=end)
    yield refused(s.sendto, b"x", 0, address=end)


@case
def sendto_what_is_no_bytes():
    s = bound()
    for payload in ("text", 5j, None, 5, [1], object):
        yield outcome(s.sendto, payload, s.getsockname()).split(" at 0x")[0]
        yield outcome(s.sendto, payload, 0, s.getsockname()).split(" at 0x")[0]


@case
def sendto_what_is_no_address():
    s = bound()
    for address in (None, "host", 9, [], (), ("127.0.0.1",), ("127.0.0.1", "9"), ("127.0.0.1", 9.0)):
        yield outcome(s.sendto, b"x", address)
    for address in ((5, 9), (None, 9), ("a\0b", 9), ("127.0.0.1", -1), ("127.0.0.1", 65536), ("127.0.0.1", 2**80)):
        yield outcome(s.sendto, b"x", address)
    for address in (("127.0.0.1", Port.WRONG), ("127.0.0.1", 9, 0), ("::1", 9), ("\ud800", 9), ("x" * 300, 9)):
        yield outcome(s.sendto, b"x", address)


@case
def sendto_each_kind_of_address():
    s = bound()
    port = s.getsockname()[1]
    for host in ("127.0.0.1", Host("127.0.0.1"), b"127.0.0.1", bytearray(b"127.0.0.1"), "localhost", b"localhost"):
        yield outcome(s.sendto, b"host", (host, port)), s.recv(10)
    for number in (enum.IntEnum("Own", {"PORT": port}).PORT, Number(port), Endpoint("127.0.0.1", port)[1]):
        yield outcome(s.sendto, b"port", ("127.0.0.1", number)), s.recv(10)
    yield outcome(s.sendto, b"named", Endpoint("127.0.0.1", port)), s.recv(10)
    yield outcome(s.sendto, b"named", 0, Endpoint("localhost", port)), s.recv(10)
    yield outcome(s.sendto, b"to all", ("<broadcast>", port))
    yield outcome(s.sendto, b"to any", ("", port)), s.recv(10)


@case
def sendto_in_six():
    s = bound(socket.AF_INET6)
    port = s.getsockname()[1]
    for address in (("::1", port), ("::1", port, 0), ("::1", port, 0, 0), ("0:0:0:0:0:0:0:1", port), ("::1%lo", port)):
        yield outcome(s.sendto, b"six", address)
    for address in (("::1", port, -1), ("::1", port, 2**20), ("::1", port, 0, -1), ("::1", port, 0, 0, 0), ("127.0.0.1", port)):
        yield outcome(s.sendto, b"six", address)


@case
def each_kind_of_bytes():
    one, other = pair()
    for payload in (b"", b"bytes", bytearray(b"array"), memoryview(b"view"), array.array("I", [1, 2])):
        for send in (one.send, one.sendall, lambda it: one.sendmsg([it])):
            yield outcome(send, payload), other.recv(100)
    yield outcome(one.send, memoryview(b"every other")[::2])
    yield outcome(one.sendmsg, [memoryview(b"every other")[::2]])
    other.settimeout(0.01)
    yield outcome(other.recv, 10)


@case
def a_buffer_that_is_changed_after_it():
    one, other = pair()
    buffer = bytearray(b"before")
    yield outcome(one.send, buffer)
    buffer[:] = b"behind and longer"
    yield other.recv(100)
    buffer.clear()
    yield outcome(one.send, buffer), other.recv(100)


@case
def send_with_flags():
    one, other = pair()
    for flags in (0, socket.MSG_DONTWAIT, getattr(socket, "MSG_CONFIRM", 0)):
        yield outcome(one.send, b"flags", flags), other.recv(10)
        yield outcome(one.sendall, b"flags", flags), other.recv(10)
        yield outcome(one.sendto, b"flags", flags, other.getsockname()), other.recv(10)
    yield outcome(one.send, b"flags", socket.MSG_OOB)
    yield outcome(one.send, b"flags", "flags")
    yield refused(one.send, b"flags", flags=0)
    yield outcome(one.send, b"flags", 0, 0)
    yield outcome(one.send)
    yield outcome(one.sendall)
    yield outcome(one.sendall, "text")


@case
def send_without_a_peer():
    s = bound()
    for send in (s.send, s.sendall, lambda it: s.sendmsg([it])):
        yield outcome(send, b"nobody")
    yield outcome(s.sendmsg, [])


@case
def send_more_than_a_datagram_has():
    one, other = pair()
    for length in (65507, 65508, 65536, 200000):
        for send in (one.send, one.sendall, lambda it: one.sendmsg([it]), lambda it: one.sendto(it, other.getsockname())):
            yield outcome(send, bytes(length))


@case
def sendmsg_in_parts():
    one, other = pair()
    yield outcome(one.sendmsg, [b"one", b"", bytearray(b"two")]), other.recv(100)
    yield outcome(one.sendmsg, (part for part in (b"three", b"four"))), other.recv(100)
    yield outcome(one.sendmsg, iter([memoryview(b"five")])), other.recv(100)
    yield outcome(one.sendmsg, {b"key": 1}), other.recv(100)
    yield outcome(one.sendmsg, ()), other.recv(100)
    yield outcome(one.sendmsg, [b"to"], [], 0, None), other.recv(100)
    yield outcome(one.sendmsg, [b"to"], (), 0, other.getsockname()), other.recv(100)


@case
def sendmsg_what_it_does_not_take():
    one, _ = pair()
    for given in ((), (b"bytes",), ([object],), ("text",), (None,), ([b"x"], None), ([b"x"], [()]), ([b"x"], [(1, 2)])):
        yield outcome(one.sendmsg, *given)
    for given in (([b"x"], [], None), ([b"x"], [], 0, 5), ([b"x"], [], 0, ("127.0.0.1",)), ([b"x"], [], 0, None, 0)):
        yield outcome(one.sendmsg, *given)
    yield outcome(one.sendmsg, [b"x"], [(socket.SOL_SOCKET, -1, b"1")])
    yield outcome(one.sendmsg, [b"x"] * 5000)
    yield refused(one.sendmsg, buffers=[b"x"])

    def failing():
        yield b"one"
        raise ValueError("mine")

    yield outcome(one.sendmsg, failing())


@case
def sendmsg_with_what_goes_beside():
    one, other = pair()
    beside = [(socket.IPPROTO_IP, socket.IP_TTL, (7).to_bytes(4, "little"))]
    other.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_RECVTTL", 12), 1)
    yield outcome(one.sendmsg, [b"ttl"], beside)
    yield outcome(lambda: other.recvmsg(100, 100)[:3])


@case
def to_where_none_may():
    s = bound()
    yield outcome(s.sendto, b"x", ("255.255.255.255", 9))
    yield outcome(s.sendto, b"x", ("127.0.0.1", 0))
    yield outcome(s.sendto, b"x", ("240.0.0.1", 9))


@case
def files_and_descriptors():
    import os

    one, other = pair()
    with open(__file__, "rb") as file:
        yield outcome(one.sendfile, file)
    yield outcome(os.write, one.fileno(), b"written"), os.read(other.fileno(), 100)
    with one.makefile("wb", buffering=0) as file:
        yield outcome(file.write, b"to a file"), other.recv(100)
    with one.makefile("w") as file:
        file.write("as text\n")
        file.flush()
        yield other.recv(100)


run()
