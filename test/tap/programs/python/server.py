"""Answers COUNT datagrams with a greeting; prints its port."""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
print("on %d\n" % server.getsockname()[1], end="", flush=True)
for _ in range(int(sys.argv[1])):
    payload, sender = server.recvfrom(1024)
    server.sendto(b"Hello, %s!" % payload, sender)
