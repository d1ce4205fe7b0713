# A device that wants each of its readings to be answered, and sends it again until it is: device.py PORT NAME COUNT
import socket
import sys

port, name, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
device = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
device.connect(("127.0.0.1", port))
device.settimeout(0.1)
for number in range(count):
    reading = ("%s %d" % (name, number)).encode()
    while True:
        device.send(reading)
        try:
            answer = device.recv(1024)
        except socket.timeout:
            continue
        if answer == b"ack " + reading:
            break
        # One that came late is for a reading that was answered already; any other is somebody else's.
        assert answer.startswith(b"ack " + name.encode() + b" "), answer
print("%s: all %d answered" % (name, count))
