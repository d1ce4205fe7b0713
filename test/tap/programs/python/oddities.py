"""What is odd: asyncio, a buffer that is too small, a look without taking, a datagram that is too long, a fork."""

import asyncio
import os
import socket


async def ask():
    loop = asyncio.get_running_loop()

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, sender):
            self.transport.sendto(b"Hello, " + data, sender)

    class Client(asyncio.DatagramProtocol):
        def datagram_received(self, data, sender):
            answered.set_result(data)

    answered = loop.create_future()
    server, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    client, _ = await loop.create_datagram_endpoint(
        Client, remote_addr=server.get_extra_info("sockname")
    )
    client.sendto(b"async")
    print((await answered).decode())
    server.close()
    client.close()


asyncio.run(ask())
receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
receiver.bind(("::1", 0))
sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
sender.sendto(b"0123456789", receiver.getsockname())
print(receiver.recvfrom(4, socket.MSG_PEEK)[0], receiver.recvfrom(4)[0])
try:
    sender.sendto(bytes(70000), receiver.getsockname())
except OSError as error:
    print(type(error).__name__, error.errno)
child = os.fork()
if child == 0:
    sender.sendto(b"from the child", receiver.getsockname())
    os._exit(0)
os.waitpid(child, 0)
buffer = bytearray(100)
print(bytes(buffer[: receiver.recv_into(buffer)]))
