"""What is reloaded: an ASGI application that answers over UDP as well, with the number of its edition.

It runs under `uvicorn served:application`, and by itself with `serve()`.
"""

import asyncio

EDITION = 1


class Answers(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport
        print("edition", EDITION, "at", transport.get_extra_info("sockname")[1], flush=True)

    def datagram_received(self, data, peer):
        self.transport.sendto(b"%d: %s" % (EDITION, data), peer)


async def listen():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Answers, local_addr=("127.0.0.1", 0))
    return transport


async def application(scope, receive, send):
    if scope["type"] != "lifespan":
        return
    await receive()
    transport = await listen()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    transport.close()
    await send({"type": "lifespan.shutdown.complete"})


def serve():
    async def forever():
        await listen()
        await asyncio.Event().wait()

    asyncio.run(forever())
