"""statsd counts, to a socket beside it."""

import socket

import statsd

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
client = statsd.StatsClient("127.0.0.1", server.getsockname()[1], prefix="test")
client.incr("requests")
client.gauge("load", 7)
with client.pipeline() as pipe:
    pipe.incr("one")
    pipe.incr("two")
for _ in range(3):
    print(server.recv(1000))
