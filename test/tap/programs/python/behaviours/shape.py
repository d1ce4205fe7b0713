"""What a socket is: its class, its names, its life, and what of it a program may replace."""

import copy
import gc
import pickle
import socket
import sys
import warnings
import weakref
from unittest import mock

import _socket
from cases import bound, case, outcome, pair, refused, run

METHODS = (
    "accept bind close connect connect_ex detach dup fileno getpeername getsockname getsockopt listen makefile recv recv_into "
    "recvfrom recvfrom_into recvmsg recvmsg_into send sendall sendfile sendmsg sendto setblocking setsockopt settimeout shutdown"
).split()


@case
def the_class():
    yield socket.socket.__mro__, socket.socket.__slots__, type(bound()) is socket.socket
    yield sorted(set(dir(socket.socket)) ^ set(dir(_socket.socket)))
    for name in METHODS:
        method = getattr(socket.socket, name)
        yield name, method.__name__, method.__qualname__, (method.__doc__ or "")[:60], callable(method)


@case
def an_object():
    s = bound()
    yield [hasattr(s, name) for name in METHODS], outcome(lambda: vars(s)), outcome(setattr, s, "mine", 1)
    yield s == s, s != bound(), hash(s) == hash(s), bool(s), s.sendto == s.sendto, s.sendto.__self__ is s
    yield s.family, s.type, s.proto, s.timeout, s.gettimeout(), s.getblocking()
    yield repr(s).split("fd=")[0], "laddr" in repr(s), "raddr" in repr(s), str(s) == repr(s)
    for task in (pickle.dumps, copy.copy, copy.deepcopy):
        yield outcome(task, s)
    s.settimeout(0.01)
    yield outcome(s.accept), outcome(s.listen), outcome(lambda: s.nothing)


@case
def making_one():
    for given in ((), (socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_INET, socket.SOCK_DGRAM, 17), (2, 2, 0, None)):
        with socket.socket(*given) as s:
            yield given, s.family, s.type, s.proto
    for given in (("2", 2), (2, 99), (999, 2), (2, 2, 6), (2, 2, 0, "3"), (2, 2, 0, -5), (2, 2, 0, 10**6), (2, 2, 0, None, 0)):
        yield outcome(socket.socket, *given)
    yield outcome(socket.socket, kind=2)
    with socket.socket(family=socket.AF_INET, type=socket.SOCK_DGRAM) as s:
        yield s.type
    if sys.platform == "linux":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as s:
            yield s.type, s.gettimeout(), s.get_inheritable()
    raw = socket.socket.__new__(socket.socket)
    yield outcome(raw.sendto, b"x", ("127.0.0.1", 9)), outcome(raw.recv, 10), outcome(raw.close)


@case
def binding():
    taken = bound()
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    yield s.getsockname(), outcome(s.bind, taken.getsockname())
    for address in (None, "x", (), ("127.0.0.1",), ("127.0.0.1", -1), ("127.0.0.1", 65536), ("nowhere.invalid", 0), ("192.0.2.1", 0)):
        yield outcome(s.bind, address)
    yield outcome(s.bind), outcome(s.bind, ("127.0.0.1", 0), 0), refused(s.bind, address=("127.0.0.1", 0))
    yield outcome(s.bind, ("", 0)), s.getsockname()[0], outcome(s.bind, ("", 0))
    again = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    yield outcome(again.bind, taken.getsockname())


@case
def connecting():
    there = bound()
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    yield outcome(s.getpeername), outcome(s.connect, there.getsockname()), s.getpeername() == there.getsockname()
    yield s.getsockname()[0], outcome(s.send, b"one"), there.recv(10)
    yield outcome(s.connect_ex, there.getsockname()), outcome(s.connect_ex, ("nowhere.invalid", 1)), outcome(s.connect_ex, 5)
    for address in (None, ("127.0.0.1",), ("127.0.0.1", "9"), ("::1", 9), ("nowhere.invalid", 9)):
        yield outcome(s.connect, address)
    stranger = bound()
    yield outcome(stranger.sendto, b"not for it", s.getsockname())
    s.settimeout(0.05)
    yield outcome(s.recv, 10)
    yield outcome(s.sendto, b"past it", stranger.getsockname()), stranger.recv(10)
    yield outcome(s.shutdown, socket.SHUT_WR), outcome(s.send, b"x")


@case
def closing():
    s = bound()
    number = s.fileno()
    yield number > 2, outcome(s.close), s.fileno(), outcome(s.close), repr(s)[:15]
    for call in ("recv", "recvfrom", "recvmsg"):
        yield call, outcome(getattr(s, call), 10)
    yield outcome(s.sendto, b"x", ("127.0.0.1", 9)), outcome(s.send, b"x"), outcome(s.sendmsg, [b"x"])
    yield outcome(s.recv_into, bytearray(3)), outcome(s.getsockname), outcome(s.bind, ("127.0.0.1", 0))
    with bound() as s:
        pass
    yield s.fileno(), outcome(s.__enter__().recv, 10)
    s = bound()
    file = s.makefile("rb")
    yield s.close(), s.fileno() > 2, file.close(), s.fileno()
    one, other = pair()
    number = one.detach()
    yield one.fileno(), outcome(one.send, b"x"), outcome(one.detach)
    again = socket.socket(fileno=number)
    yield again.family, again.type, outcome(again.send, b"adopted"), other.recv(10)
    yield outcome(socket.close, again.detach()), outcome(socket.close, number)


@case
def another_of_the_same():
    one, other = pair()
    copied = one.dup()
    yield type(copied), copied.timeout, copied.get_inheritable(), outcome(copied.send, b"copy"), other.recv(10)
    one.close()
    yield outcome(copied.send, b"after"), other.recv(10)
    from_number = socket.fromfd(copied.fileno(), socket.AF_INET, socket.SOCK_DGRAM)
    yield outcome(from_number.send, b"number"), other.recv(10)
    copied.set_inheritable(True)
    yield copied.get_inheritable(), from_number.get_inheritable()


@case
def collected():
    reference = weakref.ref(bound())
    gc.collect()
    yield reference()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        s = bound()
        del s
        gc.collect()
    yield [(it.category, str(it.message).split("fd=")[0]) for it in told]
    numbers = set()
    for _ in range(50):
        numbers.add(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).fileno())
    yield len(numbers) < 5


class Counting(socket.socket):
    """A program's own class."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.calls = []

    def sendto(self, *arguments):
        self.calls.append("sendto")
        return super().sendto(*arguments)

    def recvfrom(self, *arguments):
        self.calls.append("recvfrom")
        return super().recvfrom(*arguments)

    def close(self):
        self.calls.append("close")
        super().close()

    @property
    def type(self):
        self.calls.append("type")
        return super().type

    def getsockname(self):
        self.calls.append("getsockname")
        return super().getsockname()

    def getpeername(self):
        self.calls.append("getpeername")
        return super().getpeername()


@case
def a_class_of_its_own():
    s = Counting(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    end = socket.socket.getsockname(s)
    s.sendto(b"mine", end)
    yield s.recvfrom(10)[0], s.calls
    s.connect(end)
    s.send(b"mine")
    yield s.recv(10), s.calls
    copied = s.dup()
    yield type(copied), copied.calls
    s.close()
    yield s.calls


class Wrapped:
    """One that has a socket, and passes on what it is asked."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)


@case
def replaced():
    one, other = pair()
    with mock.patch.object(socket.socket, "send", autospec=True, return_value=99) as send:
        yield one.send(b"not sent"), send.call_count
    yield one.send(b"sent"), other.recv(10)
    wrapped = Wrapped(one)
    yield wrapped.send(b"wrapped"), other.recv(10)
    with mock.patch("socket.socket") as made:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
        yield [name for name, *_ in made.mock_calls]
    original = socket.socket.recv
    socket.socket.recv = lambda self, size: b"mine: " + original(self, size)
    try:
        one.send(b"hidden")
        yield other.recv(10)
    finally:
        socket.socket.recv = original
    socket.SocketType.send(one, b"in C")
    yield other.recv(10), socket.socket.send(one, b"by the class"), other.recv(20)
    yield outcome(socket.socket.send, object(), b"x"), refused(socket.socket.recv), outcome(socket.socket.sendto, 5, b"x", ("a", 9))


@case
def others_of_its_kind():
    if hasattr(socket, "AF_UNIX"):
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        yield one.send(b"unix"), other.recv(2), outcome(other.recvfrom, 10, socket.MSG_DONTWAIT), outcome(one.sendto, b"x", "/nowhere")
    one, other = socket.socketpair()
    yield one.sendall(b"stream"), other.recv(3), other.recv(10), one.sendmsg([b"a", b"b"]), other.recvmsg(10)[0]
    yield one.close(), other.recv(10)


@case
def options():
    s = bound()
    for level, name in ((socket.SOL_SOCKET, "SO_BROADCAST"), (socket.SOL_SOCKET, "SO_REUSEADDR"), (socket.IPPROTO_IP, "IP_TTL")):
        option = getattr(socket, name)
        yield name, s.getsockopt(level, option), s.setsockopt(level, option, 1), s.getsockopt(level, option) != 0
    yield s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    yield outcome(s.setsockopt, 1, 2), outcome(s.getsockopt, 1, -1)


run()
