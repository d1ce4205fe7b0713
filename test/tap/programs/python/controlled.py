"""controlled.mjs in Python: a program that is made to send. It prints where its sockets are bound, and tells whoever sends
"report" to the last of them what it has noticed since. Words: "short" ends it by itself.
"""

import json
import os
import socket
import sys
import threading
import time

noticed = []


class Watched(socket.socket):
    """The program's own ways of sending and closing are not what is used."""

    name = "?"


def overridden(method):
    original = getattr(socket.socket, method)

    def call(self, *arguments):
        noticed.append("%s %s" % (self.name, method))
        return original(self, *arguments)

    return call


for method in ("send", "sendto", "sendall", "sendmsg", "close", "bind", "getsockname", "getpeername", "fileno"):
    setattr(Watched, method, overridden(method))


def bound(name, family, host):
    it = Watched(family, socket.SOCK_DGRAM)
    it.name = name
    it.bind((host, 0))
    return it


def port(it):
    return it.getsockname()[1]


def waits(it):
    """As most servers do: in the midst of a call."""
    try:
        while True:
            it.recvfrom(1024)
    except OSError as error:
        noticed.append("%s close" % it.name if error.errno == 9 else repr(error))


open_socket = bound("open", socket.AF_INET, "127.0.0.1")
connected = bound("connected", socket.AF_INET, "127.0.0.1")
dual = Watched(socket.AF_INET6, socket.SOCK_DGRAM)
dual.name = "dual"
dual.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
dual.bind(("::", 0))
reporter = bound("reporter", socket.AF_INET, "127.0.0.1")
connected.connect(("127.0.0.1", port(reporter)))
threading.Thread(target=waits, args=(open_socket,), daemon=True).start()
ports = {
    "pid": os.getpid(),
    "open": port(open_socket),
    "connected": port(connected),
    "dual": port(dual),
    "reporter": port(reporter),
}
print(json.dumps(ports), flush=True)
# What is noticed from here on is not its own doing.
del noticed[:]
if sys.argv[1:] == ["short"]:
    time.sleep(0.4)
    sys.exit()
while True:
    question, peer = reporter.recvfrom(1024)
    if question == b"report":
        told = json.dumps([it for it in noticed if not it.startswith("reporter")])
        reporter.sendto(told.encode(), peer)
