# The other lessons in Python: many.py LESSON PORT
import socket
import struct
import sys

lesson, port = sys.argv[1], int(sys.argv[2])
GROUP = "239.255.77.78"
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.settimeout(60)


def say(text):
    print(text, flush=True)


def receive():
    return peer.recvfrom(65535)[0].decode("latin-1")


def serve(address):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    peer.bind((address, port))
    say("Bind UDP on %d..." % peer.getsockname()[1])
    data, client = peer.recvfrom(1024)
    peer.sendto(b"Hello, %s!" % data, client)


if lesson == "truncation":
    peer.sendto(b"x" * 1030, ("127.0.0.1", port))
    say(receive())
elif lesson == "short":  # a server that keeps 4 bytes, and is not told of more
    peer.bind(("127.0.0.1", 0))
    say("Bind UDP on %d..." % peer.getsockname()[1])
    for _ in range(2):
        data, client = peer.recvfrom(4)
        peer.sendto(data, client)
elif lesson == "boundaries":
    for part in (b"two", b"", b"sends"):
        peer.sendto(part, ("127.0.0.1", port))
    for _ in range(3):
        say(receive())
elif lesson == "tcp":
    server = socket.socket()
    server.bind(("127.0.0.1", port))
    server.listen()
    say("TCP on %d" % server.getsockname()[1])
    sys.stdin.read()
elif lesson == "to broadcast":
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    peer.sendto(b"all", ("127.255.255.255", port))
    say(receive())
elif lesson == "on broadcast":
    serve("0.0.0.0")
elif lesson == "to multicast":
    local = socket.inet_aton("127.0.0.1")
    peer.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, local)
    peer.sendto(b"group", (GROUP, port))
    say(receive())
elif lesson == "on multicast":
    member = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
    peer.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    serve("0.0.0.0")
elif lesson == "unreliable":
    peer.settimeout(0.05)
    attempts = 0
    for seq in range(20):
        message = "m%02d" % seq
        answer = None
        while answer != "Hello, %s!" % message:
            attempts += 1
            peer.sendto(message.encode(), ("127.0.0.1", port))
            try:
                answer = receive()
            except socket.timeout:
                pass
    say("20 answers to %d attempts" % attempts)
elif lesson == "ttl":  # what is left of a datagram's time to live (Linux: IP_RECVTTL is 12)
    member = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
    peer.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    peer.setsockopt(socket.IPPROTO_IP, 12, 1)
    peer.bind(("0.0.0.0", 0))
    say("Bind UDP on %d..." % peer.getsockname()[1])
    for _ in range(2):
        _, ancillary, _, client = peer.recvmsg(1024, 64)
        peer.sendto(b"%d" % struct.unpack("i", ancillary[0][2]), client)
elif lesson == "strange sources":  # needs the right to send raw packets
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    for source in (0, port):
        raw.sendto(struct.pack("!HHHH", source, port, 9, 0) + b"x", ("127.0.0.1", 0))
elif lesson == "as":  # in the name of another port of this machine; needs the right to send raw packets
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    header = struct.pack("!HHHH", int(sys.argv[3]), port, 12, 0)
    raw.sendto(header + b"ping", ("127.0.0.1", 0))
