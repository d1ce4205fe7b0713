# The lesson's client in Python: client.py PORT MESSAGE...
import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(60)
for message in sys.argv[2:]:
    client.sendto(message.encode("utf-8"), ("127.0.0.1", int(sys.argv[1])))
    if message == "bye":
        break
    print(client.recv(1024).decode("utf-8"), flush=True)
client.close()
