"""Each call that sends or receives, in each of its forms, and what it may fail with. Prints results and errors, no ports."""

import array
import os
import select
import socket
import socketserver
import sys
import threading


def made(kind=socket.socket, family=socket.AF_INET, host="127.0.0.1"):
    it = kind(family, socket.SOCK_DGRAM)
    it.bind((host, 0))
    it.settimeout(20)
    return it


def told(what, task, *arguments, **named):
    try:
        result = task(*arguments, **named)
    except Exception as error:
        print(what, type(error).__name__, getattr(error, "errno", None) or error)
    else:
        print(what, repr(result).replace(str(port), "PORT"))
        return result


class Mine(socket.socket):
    """A program's own class, with ideas of its own."""

    def recv(self, *arguments):
        return b"mine:" + super().recv(*arguments)

    def fileno(self):
        return super().fileno()


class Endpoint(tuple):
    def __new__(cls, host, port):
        return super().__new__(cls, (host, port))


def failing():
    yield b"part"
    raise ValueError("mine")


here = made()
there = made(Mine)
port = there.getsockname()[1]
end = here.getsockname()
there.connect(end)
here_only = (end[0], end[1])
print(type(here) is socket.socket, isinstance(there, Mine), "laddr" in repr(here), here == here, len({here, there}))

told("sendto", here.sendto, b"sendto", ("127.0.0.1", port))
told("recv", there.recv, 100)
told("sendto with flags", here.sendto, bytearray(b"flags"), 0, ("127.0.0.1", port))
told("recv with flags", there.recv, 100, 0)
told("sendto by name", here.sendto, memoryview(b"by name"), ("localhost", port))
told("recvfrom", lambda: there.recvfrom(100)[0])
told("by bytes", here.sendto, b"by bytes", (b"127.0.0.1", port))
told("recv", there.recv, 100)
told("by a tuple of its own", here.sendto, b"a tuple", Endpoint("127.0.0.1", port))
told("recv", there.recv, 100)
told("sendmsg fails", here.sendmsg, failing(), [], 0, ("127.0.0.1", port))
told("send", there.send, b"send")
told("peek", here.recv, 100, socket.MSG_PEEK)
told("peek", lambda: here.recvfrom(100, socket.MSG_PEEK)[0])
told("recvfrom", lambda: here.recvfrom(100)[0])
told("sendall", there.sendall, array.array("H", [1, 2]))
told("recv_into", here.recv_into, bytearray(100))
told("sendmsg", there.sendmsg, (part for part in [b"two ", b"parts"]))
buffer = bytearray(3)
told("recvfrom_into", lambda: here.recvfrom_into(memoryview(bytearray(100)), 50)[0])
told("sendmsg to", here.sendmsg, [b"to"], [], 0, ("127.0.0.1", port))
told("recvmsg", lambda: there.recvmsg(100)[0])
told("send", there.send, b"in two")
told("recvmsg_into", lambda: here.recvmsg_into([buffer, bytearray(100)])[0])
print(buffer)
told("empty", there.send, b"")
told("empty", here.recv, 100)
told("longer", there.send, b"0123456789")
told("exactly", here.recv, 10)
told("longer", there.send, b"0123456789")
told("cut", here.recv, 4)
told("longer", there.send, b"0123456789")
told("cut", lambda: here.recvfrom(4)[0])
told("longer", there.send, b"0123456789")
told("nothing", here.recv, 0)
told("still there", here.recv, 4096)
told("large", there.send, bytes(60000))
told("large", lambda: len(here.recv(65536)))

told("too long", here.sendto, bytes(70000), ("127.0.0.1", port))
told("no tuple", here.sendto, b"x", "127.0.0.1")
told("no port", here.sendto, b"x", ("127.0.0.1", 70000))
told("no text", here.sendto, "text", ("127.0.0.1", port))
told("no name", here.sendto, b"x", ("nowhere.invalid", port))
told("not connected", here.send, b"x")
told("negative", here.recv, -1)
told("no buffer", here.recv_into, b"constant")
told("too few", here.sendto)
here.setblocking(False)
told("nothing there", here.recv, 10)
told("nothing there", here.recvfrom, 10)
here.settimeout(0.01)
told("late", here.recv, 10)
here.settimeout(20)

copy = here.dup()
told("dup", copy.sendto, b"from a copy", ("127.0.0.1", port))
told("recv", there.recv, 100)
copy.close()
again = socket.fromfd(here.fileno(), socket.AF_INET, socket.SOCK_DGRAM)
told("fromfd", again.sendto, b"from a descriptor", ("127.0.0.1", port))
told("recv", there.recv, 100)
number = again.detach()
adopted = socket.socket(fileno=number)
told("adopted", adopted.sendto, b"from a number", ("127.0.0.1", port))
told("recv", there.recv, 100)
with adopted:
    pass
told("closed", adopted.sendto, b"x", ("127.0.0.1", port))
told("pickled", __import__("pickle").dumps, here)

told("select", there.send, b"select")
print(select.select([here], [], [], 20)[0] == [here], here.recv(100))


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        payload, sock = self.request
        sock.sendto(payload.upper(), self.client_address)


with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    told("socketserver", here.sendto, b"server", server.server_address)
    told("socketserver", here.recv, 100)
    thread.join()

six = made(family=socket.AF_INET6, host="::1")
told("IPv6", six.sendto, b"six", six.getsockname())
told("IPv6", six.recv, 100)
both = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
both.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
both.bind(("::", 0))
told("mapped", both.sendto, b"mapped", ("::ffff:127.0.0.1", port))
stream = socket.socketpair()
told("stream", stream[0].sendall, b"stream")
told("stream", stream[1].recv, 100)
taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
told("taken", taken.bind, end)
told("again", here.bind, ("127.0.0.1", 0))
sys.stdout.flush()
os._exit(3)
