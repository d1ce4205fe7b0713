"""The first lesson: three names are sent, and each is greeted. Prints what it sees, and of what kind its sockets are."""

import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for name in (b"Michael", b"Tracy", b"Sarah"):
    client.sendto(name, ("localhost", server.getsockname()[1]))
    data, sender = server.recvfrom(1024)
    server.sendto(b"Hello, %s!" % data, sender)
    print(client.recv(1024).decode())
print(type(server) is socket.socket, repr(server).split(",")[1], socket.socket.sendto.__name__)
server.close()
