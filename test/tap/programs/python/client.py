"""Sends COUNT numbers to PORT, each after the answer to the one before."""

import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(1, int(sys.argv[2]) + 1):
    client.sendto(b"%d" % number, ("127.0.0.1", int(sys.argv[1])))
    client.recvfrom(1024)
