"""connected.mjs in Python: a socket that is connected, disconnected and used again. Prints the ports as they were had."""

import ctypes
import json
import socket


def local(it):
    address, port = it.getsockname()
    return {"address": address, "port": port}


peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.bind(("127.0.0.1", 0))
port = peer.getsockname()[1]
connecting = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
connecting.connect(("127.0.0.1", port))
peer.sendto(b"first", connecting.getsockname())
connecting.recv(100)
connecting.sendmsg([b"in ", bytearray(b"parts")])
peer.recv(100)
connected = local(connecting)
connecting.send(memoryview(b"view of some bytes")[8:12])
peer.recv(100)
# Python has no call for it: connect(2) with AF_UNSPEC.
assert ctypes.CDLL(None).connect(connecting.fileno(), bytes(16), 16) == 0
connecting.sendto(b"free", ("127.0.0.1", port))
peer.recv(100)
print(json.dumps({"peer": port, "connected": connected, "free": local(connecting)}))
connecting.close()
peer.close()
