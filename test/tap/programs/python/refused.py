"""Like refused.mjs: a connected socket whose peer is gone, and one that is not connected."""

import errno
import json
import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
family = socket.AF_INET6 if ":" in host else socket.AF_INET


def bound():
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.bind((host, 0))
    return made


def name_of(task, *arguments):
    try:
        task(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "sent"


gone, peer = bound(), bound()
port = gone.getsockname()[1]
gone.close()
# Some wait for a datagram in each of the ways that there are.
ways = [
    lambda it: it.recv(10),
    lambda it: it.recv(10, 0),
    lambda it: it.recvfrom(10),
    lambda it: it.recvfrom(10, 0),
    lambda it: it.recv_into(bytearray(10)),
    lambda it: it.recvfrom_into(bytearray(10)),
    lambda it: it.recvmsg(10),
    lambda it: it.recvmsg_into([bytearray(10)]),
]
outcomes, errors = [], []
connected = socket.socket(family, socket.SOCK_DGRAM)
connected.connect((host, port))
# One with the next send, and one while nothing is sent.
for text in (b"first", b"second", b"third"):
    outcomes.append(name_of(connected.send, text))
errors.append(name_of(ways[0], connected))
for way in ways:
    outcomes.append(name_of(connected.sendmsg, [b"again"]))
    errors.append(name_of(way, connected))
connected.settimeout(0)
errors.append(name_of(connected.recv, 10))
connected.close()

free = socket.socket(family, socket.SOCK_DGRAM)
free.sendto(b"nobody", (host, port))
free.sendto(b"somebody", peer.getsockname())
peer.recv(100)
print(json.dumps({"port": port, "outcomes": outcomes, "errors": errors, "isFreeTold": False}))
