"""dnspython asks a server that it has made itself."""

import socket
import threading

import dns.message
import dns.query
import dns.rrset

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))


def answer():
    for _ in range(2):
        wire, peer = server.recvfrom(4096)
        response = dns.message.make_response(dns.message.from_wire(wire))
        name = response.question[0].name
        response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.7"))
        server.sendto(response.to_wire(), peer)


threading.Thread(target=answer).start()
for name in ("one.example.", "two.example."):
    query = dns.message.make_query(name, "A")
    print(dns.query.udp(query, "127.0.0.1", port=server.getsockname()[1], timeout=20).answer[0])
