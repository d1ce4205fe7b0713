# The well-known first lesson's server as its readers run it: a line and an answer for each datagram, and nothing else.
# Usage: tutorial_server.py PORT
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
print("Bind UDP on %s..." % sys.argv[1])
while True:
    payload, sender = server.recvfrom(1024)
    print("Received from %s:%s." % sender)
    server.sendto(b"Hello, %s!" % payload, sender)
