"""Twisted's reactor echoes, to a client that is connected."""

from twisted.internet import reactor
from twisted.internet.protocol import DatagramProtocol


class Echo(DatagramProtocol):
    def datagramReceived(self, datagram, address):
        self.transport.write(b"Hello, " + datagram, address)


class Client(DatagramProtocol):
    def __init__(self, port):
        self.port = port
        self.names = [b"Michael", b"Tracy", b"Sarah"]

    def startProtocol(self):
        self.transport.connect("127.0.0.1", self.port)
        self.ask()

    def ask(self):
        if self.names:
            self.transport.write(self.names.pop(0))
        else:
            reactor.stop()

    def datagramReceived(self, datagram, _):
        print(datagram)
        self.ask()


server = reactor.listenUDP(0, Echo(), interface="127.0.0.1")
reactor.listenUDP(0, Client(server.getHost().port), interface="127.0.0.1")
reactor.run()
