"""The device of docs/request_files.md: answers a command with a temperature, and a text with what it does not know."""

import socket


def crc16_modbus(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")


def answer(data: bytes) -> bytes:
    if data[:2] == b"\x40\x01" and crc16_modbus(data[:-2]) == data[-2:]:
        body = b"\x60\x45" + data[2:4] + b"\x00\xfa"
        return body + crc16_modbus(body)
    if data.startswith(b"get "):
        return b"no such thing: " + data[4:] + b"\n"
    return b""


device = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
device.bind(("127.0.0.1", 0))
print(device.getsockname()[1], flush=True)
while True:
    question, peer = device.recvfrom(2048)
    reply = answer(question)
    if reply:
        device.sendto(reply, peer)
