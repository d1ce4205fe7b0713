"""lesson.mjs in Python: a server on HOST (the first word) answers three names. Prints both ports as JSON."""

import json
import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
family = socket.AF_INET6 if ":" in host else socket.AF_INET
server = socket.socket(family, socket.SOCK_DGRAM)
server.bind((host, 0))
client = socket.socket(family, socket.SOCK_DGRAM)
for name in ("Michael", "Tracy", "Sarah"):
    client.sendto(name.encode(), (host, server.getsockname()[1]))
    payload, sender = server.recvfrom(1024)
    server.sendto(b"Hello, %s!" % payload, sender)
    client.recvfrom(1024)
print(json.dumps({"server": server.getsockname()[1], "client": client.getsockname()[1]}))
client.close()
server.close()
