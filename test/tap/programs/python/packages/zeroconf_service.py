"""zeroconf announces a service on the loopback interface, and finds it."""

import socket

from zeroconf import ServiceInfo, Zeroconf

KIND = "_udp-workbench._udp.local."
info = ServiceInfo(KIND, "printer." + KIND, addresses=[socket.inet_aton("127.0.0.1")], port=4242, server="printer.local.")
announcing = Zeroconf(interfaces=["127.0.0.1"])
asking = Zeroconf(interfaces=["127.0.0.1"])
try:
    announcing.register_service(info)
    found = asking.get_service_info(KIND, "printer." + KIND, 20000)
    print(found.server, found.port, [socket.inet_ntoa(it) for it in found.addresses])
finally:
    announcing.close()
    asking.close()
