"""scapy sends what it has made itself by a raw socket of Linux, which takes root; a plain socket hears it."""

import logging
import socket

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.all import IP, UDP, L3RawSocket, conf  # noqa: E402

conf.verb = 0
conf.L3socket = L3RawSocket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.settimeout(20)
server.bind(("127.0.0.1", 0))
made = IP(src="127.0.0.1", dst="127.0.0.1") / UDP(sport=4242, dport=server.getsockname()[1]) / b"made by hand"
L3RawSocket(iface="lo").send(made)
print(server.recvfrom(100))
