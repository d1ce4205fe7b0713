"""Each call of a socket what comes to which from itself is late, and that loses what it sends to somebody else, who says his port."""

import json
import os
import select
import socket
import time

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
own = s.getsockname()
print(json.dumps({"pid": os.getpid(), "port": own[1]}), flush=True)
# In the midst of this one the rules are set.
other = ("127.0.0.1", int(s.recvfrom(100)[0]))

s.sendto(b"one", own)
try:
    s.recv(100, socket.MSG_DONTWAIT)
except OSError as error:
    print("at once", type(error).__name__, error.errno)
s.settimeout(0.01)
try:
    s.recv(100)
except socket.timeout as error:
    print("too early", error)
s.settimeout(20)
print("peek", s.recv(100, socket.MSG_PEEK), s.recv(100))
s.sendto(b"two", own)
print("recv", s.recv(2))
s.sendto(b"three", own)
buffer = bytearray(5)
print("recv_into", s.recv_into(buffer), buffer)
s.sendto(b"four", own)
length, peer = s.recvfrom_into(buffer, 2)
print("recvfrom_into", length, peer == own)
s.sendto(b"five", own)
payload, ancillary, flags, peer = s.recvmsg(100)
print("recvmsg", payload, ancillary, peer == own)
s.sendto(b"six", own)
one, two = bytearray(2), bytearray(1)
length, ancillary, flags, peer = s.recvmsg_into([one, two])
print("recvmsg_into", length, bytes(one), bytes(two), peer == own)

s.setblocking(False)
s.sendto(b"seven", own)
early = select.select([s], [], [], 0.01)[0]
print("select", early, select.select([s], [], [], 20)[0] == [s])
s.recv(100)

sent = [
    s.sendto(b"lost", other),
    s.sendto(b"lost", 0, other),
    s.sendmsg([b"two ", b"parts"], [], 0, other),
    s.sendto(memoryview(b"parts!"), other),
]
s.setblocking(True)
print("sent", *sent)
child = os.fork()
if child == 0:
    before = time.monotonic()
    s.sendto(b"child", own)
    payload = s.recv(100)
    print("child", payload, time.monotonic() - before > 0.09, flush=True)
    os._exit(0)
os.waitpid(child, 0)
before = time.monotonic()
s.sendto(b"eight", own)
s.recv(100)
print("late", time.monotonic() - before > 0.09)
