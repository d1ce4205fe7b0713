"""Ends in the way that the first word says, right after the datagram `last`; a socket is left to the interpreter's end."""

import atexit
import os
import socket
import sys
import threading

left = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port = int(sys.argv[2])


def send(text=b"last"):
    left.sendto(text, ("127.0.0.1", port))


class Late:
    """Sends when all is torn down."""

    def __init__(self):
        self.left = left

    def __del__(self, port=port):
        self.left.sendto(b"last", ("127.0.0.1", port))


how = sys.argv[1]
send(b"first")
if how == "return":
    send()
elif how == "exit":
    send()
    sys.exit(0)
elif how == "at once":
    send()
    os._exit(0)
elif how == "atexit":
    atexit.register(send)
elif how == "destructor":
    late = Late()
elif how == "daemon":
    # Sends for as long as there is a program, and is ended somewhere in the midst of it.
    def pour():
        while True:
            send(b"daemon")

    for _ in range(2):
        threading.Thread(target=pour, daemon=True).start()
    import time

    time.sleep(0.05)
    late = Late()
elif how == "uncaught":
    send()
    sys.stderr.close()
    raise ValueError
