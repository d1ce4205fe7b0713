"""Waiting: timeouts, what does not block, signals, other threads, and sockets that are closed meanwhile."""

import os
import select
import selectors
import signal
import socket
import sys
import threading
import time

from cases import bound, case, outcome, pair, run


@case
def timeouts():
    _, other = pair()
    yield other.gettimeout(), outcome(other.settimeout, -1), outcome(other.settimeout, "1"), outcome(other.settimeout, 2**80)
    for seconds in (0, 0.0, 0.01):
        other.settimeout(seconds)
        yield seconds, other.gettimeout(), other.getblocking()
        for call in (lambda: other.recv(10), lambda: other.recvfrom(10), lambda: other.recvmsg(10), lambda: other.recv_into(bytearray(9))):
            yield outcome(call)
    other.settimeout(None)
    yield other.gettimeout(), other.getblocking(), outcome(other.recv, 10, socket.MSG_DONTWAIT)
    socket.setdefaulttimeout(0.01)
    try:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        yield s.gettimeout(), outcome(s.recv, 10)
    finally:
        socket.setdefaulttimeout(None)


@case
def errors_as_classes():
    _, other = pair()
    other.settimeout(0)
    try:
        other.recv(10)
    except BlockingIOError as error:
        yield type(error), error.errno, error.args, error.__cause__, error.__context__, error.filename
    other.settimeout(0.01)
    try:
        other.recvfrom(10)
    except socket.timeout as error:
        yield type(error), error.args, error.__context__
    try:
        other.sendto(bytes(70000), other.getsockname())
    except OSError as error:
        yield type(error), error.errno, error.args, error.__context__


@case
def ready():
    one, other = pair()
    yield select.select([other], [one], [], 0) == ([], [one], [])
    one.send(b"ready")
    yield select.select([other], [], [], 20) == ([other], [], [])
    with selectors.DefaultSelector() as selector:
        selector.register(other, selectors.EVENT_READ, "data")
        yield [(key.fileobj is other, key.data, mask) for key, mask in selector.select(20)]
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(other, select.POLLIN)
        yield len(poll.poll(20)), other.recv(10), poll.poll(0)


class Mine(Exception):
    pass


def alarm(task, seconds=0.05):
    def handle(*_):
        task()

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, seconds)


@case
def signals_while_it_waits():
    one, other = pair()
    heard = []
    alarm(lambda: heard.append(one.send(b"from the handler")))
    yield other.recv(100), heard

    def fail():
        raise Mine("handler")

    for call in (lambda: other.recv(10), lambda: other.recvfrom(10), lambda: other.recvmsg(10), lambda: other.recv_into(bytearray(9))):
        # Wherever it comes from here on.
        yield outcome(lambda: (alarm(fail), call(), time.sleep(20)))
    other.settimeout(0.2)
    alarm(lambda: heard.append("goes on"))
    yield outcome(other.recv, 10), heard[-1]
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@case
def signals_from_within():
    one, other = pair()
    signal.signal(signal.SIGUSR1, lambda *_: one.send(b"handled"))
    for number in range(20):
        one.send(b"%d" % number)
        os.kill(os.getpid(), signal.SIGUSR1)
        yield sorted((other.recv(10), other.recv(10)))
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)


@case
def threads_that_share_one():
    one, other = pair()
    got = []
    lock = threading.Lock()

    def receive():
        while True:
            payload = other.recv(100)
            if payload == b"end":
                return
            with lock:
                got.append(payload)

    threads = [threading.Thread(target=receive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(400):
        one.send(b"%03d" % number)
        if number % 50 == 49:
            time.sleep(0.02)
    for _ in threads:
        one.send(b"end")
    for thread in threads:
        thread.join(20)
    yield sorted(got) == [b"%03d" % number for number in range(400)], threading.active_count()
    yield [thread.name for thread in threading.enumerate()]


@case
def shut_down_while_another_waits():
    one, other = pair()
    # With a timeout, Python would ask again and again.
    one.settimeout(None)
    other.settimeout(None)
    said = []
    thread = threading.Thread(target=lambda: said.append(outcome(other.recv, 10)))
    thread.start()
    time.sleep(0.1)
    yield outcome(other.shutdown, socket.SHUT_RDWR)
    thread.join(20)
    yield said, outcome(other.recv, 10), outcome(one.shutdown, socket.SHUT_RD), outcome(one.recv, 10)


@case
def what_is_refused():
    gone = bound()
    s = bound()
    s.settimeout(0.05)
    s.connect(gone.getsockname())
    gone.close()
    for call in (lambda: s.send(b"x"), lambda: s.send(b"x"), lambda: s.recv(10), lambda: s.send(b"x"), lambda: s.recvfrom(10)):
        yield outcome(call)
    s.send(b"x")
    yield s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    s.settimeout(0.01)
    yield outcome(s.recv, 10)


@case
def an_audit():
    if not hasattr(sys, "addaudithook"):
        return
    heard = []
    is_on = [True]

    def hook(event, _):
        if is_on[0] and event in ("socket.sendto", "socket.bind", "socket.connect", "socket.sendmsg"):
            heard.append(event)

    sys.addaudithook(hook)
    one, other = pair()
    one.sendto(b"x", other.getsockname())
    one.sendmsg([b"x"])
    is_on[0] = False
    yield heard


run()
