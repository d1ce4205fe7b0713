"""Children of each kind send to one socket, and it tells what it got: forks, processes of their own, another program."""

import multiprocessing
import os
import socket
import subprocess
import sys
import threading

HELLO = """
import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), ("127.0.0.1", int(sys.argv[2])))
"""


def send(text, port):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(text.encode(), ("127.0.0.1", port))


def replace(text, port):
    send(text + " before", port)
    os.execv(sys.executable, [sys.executable, "-c", HELLO, text + " after", str(port)])


def main():
    parent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    parent.bind(("127.0.0.1", 0))
    parent.settimeout(30)
    port = parent.getsockname()[1]
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        child = context.Process(target=send, args=(method, port))
        child.start()
        print(parent.recv(100))
        child.join()
        print(child.exitcode)
    print(subprocess.run([sys.executable, "-c", HELLO, "own", str(port)]).returncode, parent.recv(100))
    child = os.fork()
    if child == 0:
        replace("exec", port)
    print(parent.recv(100), parent.recv(100), os.waitpid(child, 0)[1])
    child = os.fork()
    if child == 0:
        # Its parent's socket is its own, too.
        parent.sendto(b"inherited", ("127.0.0.1", port))
        os._exit(0)
    print(parent.recv(100), os.waitpid(child, 0)[1])
    threads = [threading.Thread(target=lambda: [send("thread", port) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print({parent.recv(100) for _ in range(40)}, threading.active_count())


if __name__ == "__main__":
    main()
