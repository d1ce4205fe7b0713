"""Another interpreter in the same process sends, and ends before the program does."""

import socket

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

HELLO = """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"from another", ("127.0.0.1", %d))
"""
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("127.0.0.1", 0))
here.settimeout(20)
other = interpreters.create()
interpreters.run_string(other, HELLO % here.getsockname()[1])
print(here.recv(100))
interpreters.destroy(other)
print("ended")
