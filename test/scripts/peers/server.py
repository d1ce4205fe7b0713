# The lesson's server in Python: server.py greet|upper|chat
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
print("Bind UDP on %d..." % server.getsockname()[1], flush=True)
while True:
    data, address = server.recvfrom(1024)
    print("Received from %s:%s: %r" % (address[0], address[1], data), flush=True)
    if sys.argv[1] == "greet":
        server.sendto(b"Hello, %s!" % data, address)
    elif sys.argv[1] == "upper":
        server.sendto(data.decode("utf-8").upper().encode("utf-8"), address)
    elif data == b"bye":
        break
    else:
        server.sendto(input().encode("utf-8"), address)
