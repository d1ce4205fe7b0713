"""failures.mjs in Python: what can go wrong, each once. Prints the port that was taken."""

import socket


def fails(task, *arguments):
    try:
        task(*arguments)
    except OSError:
        return
    raise AssertionError("it did not fail")


def made():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


first = made()
first.bind(("127.0.0.1", 0))
port = first.getsockname()[1]
second = made()
fails(second.bind, ("127.0.0.1", port))
second.close()
third = made()
fails(third.bind, ("nowhere.invalid", port))
third.close()
fails(first.sendto, b"a" * 65508, ("127.0.0.1", port))
fails(first.sendto, b"b" * 70000, ("127.0.0.1", port))
print(port)
first.close()
