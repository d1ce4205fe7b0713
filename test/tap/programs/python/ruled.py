"""ruled.mjs in Python: a program whose network is made bad. It prints where its sockets are bound, and does what is asked of the
last of them. Words: how it waits for what it hears, `blocking`, `asyncio`, `selectors` or `select`.
"""

import asyncio
import json
import os
import select
import selectors
import socket
import struct
import sys
import threading


def bound():
    it = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    it.bind(("127.0.0.1", 0))
    return it


sender, hearer, reporter = bound(), bound(), bound()
heard = []
done = failed = awaited = in_vain = 0


def hear(payload):
    global awaited
    heard.append(payload.hex())
    awaited += 1


def hear_at_once(receive):
    global in_vain
    try:
        hear(receive())
    except BlockingIOError:
        in_vain += 1


def blocking():
    while True:
        hear(hearer.recvfrom(1024)[0])


def by_asyncio():
    class Hears(asyncio.DatagramProtocol):
        def datagram_received(self, data, peer):
            hear(data)

    async def listen():
        await asyncio.get_running_loop().create_datagram_endpoint(Hears, sock=hearer)
        await asyncio.Event().wait()

    asyncio.run(listen())


def by_selectors():
    hearer.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(hearer, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                hear_at_once(lambda: key.fileobj.recv(1024))


def by_select():
    hearer.setblocking(False)
    buffer = bytearray(1024)
    while True:
        for it in select.select([hearer], [], [])[0]:
            hear_at_once(lambda: bytes(buffer[: it.recvfrom_into(buffer)[0]]))


def send_all(send, count, *to):
    global done, failed
    for number in range(count):
        payload = bytearray(struct.pack(">I16x", number))
        try:
            is_sent = send(payload, *to) == 20
        except OSError:
            is_sent = False
        done += is_sent
        failed += not is_sent
        # Once it is told to be sent, it is the program's own again.
        payload[:] = bytes([255]) * 20


ways = {"blocking": blocking, "asyncio": by_asyncio, "selectors": by_selectors, "select": by_select}
way = ways[sys.argv[1] if len(sys.argv) > 1 else "blocking"]
threading.Thread(target=way, daemon=True).start()
ports = {name: it.getsockname()[1] for name, it in (("sender", sender), ("hearer", hearer), ("reporter", reporter))}
print(json.dumps({"pid": os.getpid(), **ports}), flush=True)
while True:
    data, peer = reporter.recvfrom(1024)
    what, *words = data.decode().split()
    numbers = [int(word) for word in words]
    if what == "send":
        send_all(sender.sendto, numbers[0], ("127.0.0.1", numbers[1]))
    elif what == "send-connected":
        sender.connect(("127.0.0.1", numbers[1]))
        send_all(sender.send, numbers[0])
    elif what == "close":
        sender.close()
    elif what == "exit":
        sys.exit()
    told, heard[:400] = heard[:400], []
    report = {"done": done, "failed": failed, "awaited": awaited, "inVain": in_vain, "heard": told}
    reporter.sendto(json.dumps(report).encode(), peer)
