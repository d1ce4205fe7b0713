"""Two endpoints of uvloop talk, whose sockets are no `socket.socket`."""

import asyncio

import uvloop


class Talker(asyncio.DatagramProtocol):
    def __init__(self, done=None):
        self.done = done

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, sender):
        if self.done is None:
            self.transport.sendto(b"Hello, " + data, sender)
        else:
            self.done.set_result(data)


async def talk():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    server, _ = await loop.create_datagram_endpoint(Talker, local_addr=("127.0.0.1", 0))
    peer = server.get_extra_info("sockname")
    client, _ = await loop.create_datagram_endpoint(lambda: Talker(done), remote_addr=peer)
    client.sendto(b"uvloop")
    print(await asyncio.wait_for(done, 20))
    client.close()
    server.close()


uvloop.install()
asyncio.run(talk())
