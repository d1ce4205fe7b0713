"""Datagram endpoints of asyncio, and servers of socketserver."""

import asyncio
import os
import socket
import socketserver
import sys
import threading

from cases import bound, case, outcome, run


class Heard(asyncio.DatagramProtocol):
    """Notes what it is told."""

    def __init__(self, answers=False):
        self.said = []
        self.answers = answers
        self.changed = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport
        self.said.append("made")

    def datagram_received(self, data, sender):
        self.said.append(data)
        if self.answers:
            self.transport.sendto(b"Hello, " + data, sender)
        self.changed.set()

    def error_received(self, error):
        self.said.append("%s %s" % (type(error).__name__, error.errno))
        self.changed.set()

    def connection_lost(self, error):
        self.said.append("lost %r" % error)
        self.changed.set()

    async def hears(self, count):
        while len(self.said) < count:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 20)


async def failing(awaitable):
    try:
        return repr(await awaitable)
    except Exception as error:
        return "%s %s" % (type(error).__name__, error)


def asynchronous(function):
    def task():
        async def all_of_it():
            return [line async for line in function()]

        yield from asyncio.run(all_of_it())

    task.__name__ = function.__name__
    return case(task)


async def endpoint(answers=False, **named):
    loop = asyncio.get_running_loop()
    return await loop.create_datagram_endpoint(lambda: Heard(answers), **named)


@asynchronous
async def two_that_talk():
    server, heard = await endpoint(True, local_addr=("127.0.0.1", 0))
    client, answers = await endpoint(remote_addr=server.get_extra_info("sockname"))
    for payload in (b"Michael", bytearray(b"Tracy"), memoryview(b"Sarah")):
        client.sendto(payload)
    await answers.hears(4)
    yield heard.said, answers.said
    yield type(client.get_extra_info("socket")).__name__, client.get_extra_info("peername") is not None
    yield outcome(client.sendto, b"elsewhere", ("127.0.0.1", 9)).split("(")[0], outcome(client.sendto, "text")
    client.close()
    server.abort()
    await answers.hears(5)
    await heard.hears(5)
    yield sorted(map(repr, heard.said)), answers.said, client.is_closing(), outcome(client.close)


@asynchronous
async def one_that_is_refused():
    gone = bound()
    name = gone.getsockname()
    gone.close()
    client, heard = await endpoint(remote_addr=name)
    client.sendto(b"one")
    await heard.hears(2)
    client.sendto(b"two")
    await heard.hears(3)
    client.close()
    await heard.hears(4)
    yield heard.said


@asynchronous
async def what_it_does_not_take():
    taken = bound()
    for named in (
        {},
        {"local_addr": ("127.0.0.1",)},
        {"local_addr": taken.getsockname()[:2]},
        {"remote_addr": ("127.0.0.1", 9), "local_addr": ("::1", 0)},
        {"remote_addr": ("nowhere.invalid", 9)},
        {"local_addr": ("127.0.0.1", 0), "family": socket.AF_INET6},
        {"sock": taken, "local_addr": ("127.0.0.1", 0)},
        {"sock": socket.socket()},
        {"remote_addr": ("255.255.255.255", 9)},
    ):
        said = await failing(endpoint(**named))
        yield said.split("fd=")[0].split(" at 0x")[0].replace(str(taken.getsockname()[1]), "TAKEN")


@asynchronous
async def a_socket_of_its_own():
    sock = bound()
    sock.setblocking(False)
    server, heard = await endpoint(True, sock=sock)
    client, answers = await endpoint(local_addr=("127.0.0.1", 0), allow_broadcast=True)
    client.sendto(b"given", sock.getsockname())
    await answers.hears(2)
    yield heard.said, answers.said
    client.close()
    server.close()


@asynchronous
async def without_transports():
    loop = asyncio.get_running_loop()
    if not hasattr(loop, "sock_sendto"):
        return
    one, other = bound(), bound()
    one.setblocking(False)
    other.setblocking(False)
    waiting = asyncio.ensure_future(loop.sock_recvfrom(other, 100))
    await asyncio.sleep(0)
    yield await loop.sock_sendto(one, b"asked for", other.getsockname())
    payload, peer = await waiting
    yield payload, peer == one.getsockname()
    buffer = bytearray(5)
    await loop.sock_sendto(one, b"into", other.getsockname())
    yield (await loop.sock_recvfrom_into(other, buffer))[0], buffer
    one.connect(other.getsockname())
    await loop.sock_sendall(one, b"all of it")
    yield await loop.sock_recv(other, 100)
    waiting = asyncio.ensure_future(loop.sock_recv(other, 100))
    await asyncio.sleep(0)
    waiting.cancel()
    yield await asyncio.gather(waiting, return_exceptions=True)


@asynchronous
async def many_at_once():
    server, _ = await endpoint(True, local_addr=("127.0.0.1", 0))

    async def ask(number):
        client, heard = await endpoint(remote_addr=server.get_extra_info("sockname"))
        client.sendto(b"%d" % number)
        await heard.hears(2)
        client.close()
        return heard.said[1]

    yield await asyncio.gather(*map(ask, range(50)))
    server.close()


class Handler(socketserver.DatagramRequestHandler):
    def handle(self):
        line = self.rfile.readline()
        if line == b"fail\n":
            raise ValueError("mine")
        self.wfile.write(line.upper() or b"nothing")


def server_of(kind, address="127.0.0.1"):
    class Server(kind):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        daemon_threads = True
        errors = 0

        def handle_error(self, request, client_address):
            type(self).errors += 1

        def verify_request(self, request, client_address):
            return request[0] != b"not this one\n"

    return Server((address, 0), Handler)


KINDS = [socketserver.UDPServer, socketserver.ThreadingUDPServer]
if hasattr(socketserver, "ForkingUDPServer"):
    KINDS.append(socketserver.ForkingUDPServer)


def serving(kind, address):
    def task():
        with server_of(kind, address) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            client = bound(server.address_family)
            for line in (b"one\n", b"two\n", b"", b"last\n"):
                client.sendto(line, server.server_address)
                yield client.recv(100)
            client.sendto(b"not this one\n", server.server_address)
            client.sendto(b"fail\n", server.server_address)
            client.sendto(b"x" * 9000, server.server_address)
            # Nothing of the one that fails, and it takes 8,192 bytes of the other; in any order, where there are threads.
            yield sorted((len(client.recv(10000)), len(client.recv(10000))))
            server.shutdown()
            thread.join(20)
            yield server.errors if kind is socketserver.UDPServer else "", server.socket is server.socket
        yield server.fileno(), outcome(server.handle_request).split(" ")[0]

    task.__name__ = "%s on %s" % (kind.__name__, address)
    return case(task)


for each in KINDS:
    serving(each, "127.0.0.1")
serving(socketserver.UDPServer, "::1")


@case
def a_server_that_waits_for_a_while():
    with server_of(socketserver.UDPServer) as server:
        server.timeout = 0.05
        server.handle_timeout = lambda: said.append("late")
        said = []
        server.handle_request()
        yield said
        client = bound()
        client.sendto(b"asked before\n", server.server_address)
        server.handle_request()
        yield said, client.recv(100)


@case
def descriptors_that_are_handed_over():
    if not hasattr(socket, "send_fds"):
        return
    one, other = socket.socketpair(socket.AF_UNIX)
    inner = bound()
    socket.send_fds(one, [b"take"], [inner.fileno()])
    payload, numbers, _, _ = socket.recv_fds(other, 10, 1)
    taken = socket.socket(fileno=numbers[0])
    yield payload, taken.getsockname() == inner.getsockname(), outcome(taken.sendto, b"x", inner.getsockname()), inner.recv(9)


@case
def children_that_share_one():
    if not hasattr(os, "fork"):
        return
    one, other = bound(), bound()
    for number in range(3):
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            one.sendto(b"child %d" % number, other.getsockname())
            os._exit(number)
        yield os.WEXITSTATUS(os.waitpid(child, 0)[1]), other.recv(100)


run()
