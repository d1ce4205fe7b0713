"""What a program without UDP can see of a tap."""

import sys

print("sitecustomize" in sys.modules, [path for path in sys.path if "taps" in path])
import socket  # noqa: E402

print(socket.socket.sendto is socket.SocketType.sendto, sorted(vars(socket.socket))[:3])
print([name for name in sys.modules if "udp" in name and "." in name and not name.endswith(".originals")])
