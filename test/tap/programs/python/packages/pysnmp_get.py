"""pysnmp asks an agent, which is a socket and its messages."""

import socket
import threading

from pyasn1.codec.ber import decoder, encoder
from pysnmp.carrier.asyncore.dgram import udp
from pysnmp.carrier.asyncore.dispatch import AsyncoreDispatcher
from pysnmp.proto import api

module = api.protoModules[api.protoVersion2c]
NAME = (1, 3, 6, 1, 2, 1, 1, 1, 0)
agent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
agent.bind(("127.0.0.1", 0))


def answer():
    message, peer = agent.recvfrom(4096)
    request, _ = decoder.decode(message, asn1Spec=module.Message())
    response = module.apiMessage.getResponse(request)
    pdu = module.apiMessage.getPDU(response)
    module.apiPDU.setVarBinds(pdu, [(NAME, module.OctetString("a switch"))])
    agent.sendto(encoder.encode(response), peer)


def heard(dispatcher, domain, peer, message):
    response, _ = decoder.decode(message, asn1Spec=module.Message())
    for name, value in module.apiPDU.getVarBinds(module.apiMessage.getPDU(response)):
        print(name.prettyPrint(), value.prettyPrint())
    dispatcher.jobFinished(1)
    return b""


threading.Thread(target=answer).start()
pdu = module.GetRequestPDU()
module.apiPDU.setDefaults(pdu)
module.apiPDU.setVarBinds(pdu, [(NAME, module.Null(""))])
message = module.Message()
module.apiMessage.setDefaults(message)
module.apiMessage.setCommunity(message, "public")
module.apiMessage.setPDU(message, pdu)
manager = AsyncoreDispatcher()
manager.registerRecvCbFun(heard)
manager.registerTransport(udp.domainName, udp.UdpSocketTransport().openClientMode())
manager.jobStarted(1)
manager.sendMessage(encoder.encode(message), udp.domainName, agent.getsockname())
manager.runDispatcher()
manager.closeDispatcher()
