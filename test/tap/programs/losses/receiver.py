"""The same as receiver.cjs."""
import socket
import sys

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
size = int(sys.argv[1]) if len(sys.argv) > 1 else 0
if size > 0:
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
receiver.bind(("127.0.0.1", 0))
print(receiver.getsockname()[1], flush=True)
received = 0
while True:
    payload = receiver.recvfrom(2048)[0]
    received += 1
    if payload.startswith(b"block"):
        print("blocked", flush=True)
        sys.stdin.read(1)
    elif payload.startswith(b"count"):
        print(received, payload.decode().strip(), flush=True)
