"""Listens for what a window asks of the program (docs/tap.md: Control messages), in a thread of its own.

It listens at a Unix socket; on Windows, where Python has none, there is no control.
"""

import _socket
import errno
import os
from time import monotonic

from . import load_part
from .originals import native_id, poll, sleep, start_thread
from .own_descriptor import OwnDescriptor
from .own_folder import is_own_folder

#: A program that has ended by then learns of nothing.
_START_SECONDS = 0.1
_PATIENCE_SECONDS = 2.0
_MOST_CONNECTIONS = 8
_MOST_PATH = 100
_READ_BYTES = 65536
_POLL_IN = 1
#: Longer than the thread takes to end; who waits for it does not wait for ever.
_ENDING_LOOKS = 1000
_LOOK_SECONDS = 0.0005
_pipe, _read, _write, _unlink, _random = os.pipe, os.read, os.write, os.unlink, os.urandom


def messages():
    """Read with the first connection, which most programs never have."""
    return load_part("control_message")


class Control:
    def __init__(self, act):
        """:param act: a function from a request to what comes of it, see control_actions.py"""
        self._act = act
        self._reset()

    def _reset(self):
        self._is_started = False
        self._is_running = False
        self._is_stopping = False
        self._thread = 0
        self._path = None
        self._token = ""
        #: The ends of a pipe: what is written to the second wakes who waits for what comes.
        self._wake = ()
        self._server = None
        #: Connections by their descriptors.
        self._connections = {}

    def bound(self):
        """A socket of the program is bound: from the first on it can be asked."""
        if self._is_started:
            return
        self._is_started = True
        place, token = os.environ.get("UDP_TAP_CONTROL"), os.environ.get("UDP_TAP_TOKEN")
        if not place or not token or poll is None or not hasattr(_socket, "AF_UNIX"):
            return
        path = "%s%d" % (place, os.getpid())
        # What the path begins with is a folder, and perhaps the beginning of a name.
        if len(os.fsencode(path)) > _MOST_PATH or not is_own_folder(os.path.dirname(path)):
            return
        self._path, self._token = path, token
        self._wake = tuple(OwnDescriptor(number) for number in _pipe())
        self._begin(_START_SECONDS)

    def pause(self):
        """Ends the thread and waits until the system has none any more: Python 3.12 warns of a fork beside one."""
        self._is_stopping = True
        if self._wake and self._wake[1].is_ours:
            _write(self._wake[1].number, b"x")
        for _look in range(_ENDING_LOOKS):
            if not self._is_running:
                break
            sleep(_LOOK_SECONDS)
        for _look in range(_ENDING_LOOKS):
            if not self._thread or not os.path.exists("/proc/self/task/%d" % self._thread):
                break
            sleep(_LOOK_SECONDS)
        self._thread = 0

    def resume(self):
        """After `pause`, where the program goes on, as do the connections."""
        if self._path is None:
            return
        if self._wake[0].is_ours:
            _read(self._wake[0].number, _READ_BYTES)
        self._begin(0)

    def abandon(self):
        """In a child after a fork: all of it is the parent's. The child listens with the first socket that it binds."""
        self._close()
        self._reset()

    def end(self):
        """The program ends."""
        if self._path is None:
            return
        self.pause()
        if self._server is not None:
            self._remove()
        self._close()
        self._path = None

    def _begin(self, delay):
        self._is_stopping = False
        self._is_running = True
        try:
            start_thread(self._run, delay)
        except Exception:
            self._is_running = False

    def _close(self):
        for connection in list(self._connections.values()):
            connection.close()
        self._connections.clear()
        if self._server is not None:
            self._server.close()
        for descriptor in self._wake:
            descriptor.close()
        self._server, self._wake = None, ()

    def _remove(self):
        try:
            _unlink(self._path)
        except OSError:
            pass  # Somebody has cleaned up.

    # In the thread.

    def _run(self, delay):
        try:
            self._thread = native_id()
            # Woken by nothing else in that time than by the wish to end.
            if self._wait(delay, ()) is not None and not self._is_stopping:
                self._serve()
        finally:
            self._is_running = False

    def _serve(self):
        if self._server is None:
            self._server = self._listen()
        while not self._is_stopping:
            now = monotonic()
            for connection in list(self._connections.values()):
                if connection.deadline <= now:
                    self._drop(connection)
            waits = [connection.deadline - now for connection in self._connections.values()]
            watched = [self._server, *self._connections.values()]
            ready = self._wait(min(waits) if waits else None, [it.descriptor for it in watched])
            if ready is None:
                return
            for connection in [it for it in self._connections.values() if it.descriptor.number in ready]:
                if connection.takes():
                    self._drop(connection)
            if self._server.descriptor.number in ready:
                self._accept()

    def _wait(self, seconds, descriptors):
        """The numbers of those that are ready; None where one is not ours any more."""
        poller = poll()
        for descriptor in (self._wake[0], *descriptors):
            if not descriptor.is_ours:
                return None
            poller.register(descriptor.number, _POLL_IN)
        ready = poller.poll(None if seconds is None else max(0, seconds) * 1000)
        if not all(it.is_ours for it in (self._wake[0], *descriptors)):
            return None
        return {number for number, _event in ready}

    def _listen(self):
        server = _Endpoint(_socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM))
        try:
            server.socket.bind(self._path)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            # Left behind by a program that had our process id before and was killed: that id is ours alone now.
            self._remove()
            server.socket.bind(self._path)
        server.socket.listen(_MOST_CONNECTIONS)
        return server

    def _accept(self):
        try:
            number, _ = self._server.socket._accept()
        except OSError:
            return
        accepted = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, number)
        if len(self._connections) >= _MOST_CONNECTIONS:
            accepted.close()
            return
        connection = _Connection(accepted, self._answer)
        self._connections[number] = connection
        if not connection.greets():
            self._drop(connection)

    def _drop(self, connection):
        connection.close()
        self._connections.pop(connection.descriptor.number, None)

    def _answer(self, line, nonce):
        """The reply to a line, in bytes; nothing where it is no request."""
        proven = messages().proven_request(line, self._token, self._path, nonce)
        if proven is None:
            return b""
        request, auth = proven
        return (messages().format_reply(self._act(request), self._token, self._path, auth) + "\n").encode()


class _Endpoint:
    """A socket that waits for nothing, and what says that it is still ours."""

    def __init__(self, socket):
        socket.setblocking(False)
        self.socket = socket
        self.descriptor = OwnDescriptor(socket.fileno())

    def close(self):
        if self.descriptor.is_ours:
            self.socket.close()
        else:
            self.socket.detach()


class _Connection(_Endpoint):
    """Greets, takes one request and replies to it. Whatever is no request gets no reply."""

    def __init__(self, socket, answer):
        super().__init__(socket)
        self.deadline = monotonic() + _PATIENCE_SECONDS
        self._answer = answer
        self._nonce = _random(32).hex()
        self._text = bytearray()

    def greets(self):
        return self._says((messages().format_greeting(self._nonce) + "\n").encode())

    def takes(self):
        """Whether it is done with, now that there is something to read."""
        try:
            piece = self.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            return True
        at = len(self._text)
        self._text += piece
        end = self._text.find(b"\n", at)
        if not piece or (len(self._text) if end < 0 else end) > messages().MOST_REQUEST:
            return True
        if end >= 0:
            self._says(self._answer(bytes(self._text[:end]), self._nonce))
        return end >= 0

    def _says(self, line):
        """What is so short has room in what the system keeps for who asks."""
        try:
            return self.socket.send(line) == len(line)
        except OSError:
            return False
