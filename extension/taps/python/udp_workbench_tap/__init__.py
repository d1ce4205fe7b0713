"""The tap for Python: records each UDP datagram that passes the program's sockets, as docs/tap.md says.

It must never break, slow down or keep alive the program: whatever fails in here is swallowed, and the datagrams that it
cost are counted. A program without UDP sockets loads this file alone; what records is loaded with the first of them.
"""

import os
import sys

from . import originals  # noqa: F401 - before the program can replace any of it

_LIMITS = {
    "UDP_TAP_QUOTA": 1024**3,
    "UDP_TAP_SEGMENT": 32 * 1024**2,
    "UDP_TAP_SNAPLEN": 2**63,
}


class Settings:
    """What the environment asks of the tap, read before the program can change it or its working directory."""

    __slots__ = ("folder", "quota", "segment", "snap_length")

    def __init__(self, environment):
        def read(name):
            text = environment.get(name, "")
            is_number = text.isascii() and text.isdigit() and len(text) <= 15
            return int(text) if is_number else _LIMITS[name]

        self.folder = os.path.abspath(environment["UDP_TAP_DIR"])
        self.quota = read("UDP_TAP_QUOTA")
        self.segment = read("UDP_TAP_SEGMENT")
        self.snap_length = read("UDP_TAP_SNAPLEN")


def install(socket):
    """Has the first UDP socket that the module `socket` makes load the rest of the tap.

    Only `socket.socket.__init__` is replaced until then, so that programs without UDP run their own methods.
    """
    settings = Settings(os.environ)
    original = socket.socket.__init__

    def load():
        if not _is_main_interpreter():
            # One that ends with a thread in it aborts the program before Python 3.9, and cannot be ended after that.
            if socket.socket.__init__ is __init__:
                socket.socket.__init__ = original
            raise RuntimeError("Subinterpreters are left alone")
        return load_part("hooks").Hooks(socket, settings)

    hooks = None

    def __init__(self, *args, **kwargs):
        nonlocal hooks
        original(self, *args, **kwargs)
        try:
            if is_udp(self):
                if hooks is None:
                    hooks = load()
                hooks.made(self)
        except Exception:
            pass  # Better an unseen socket than a broken program.

    is_udp = _udp_test(socket)
    as_original(__init__, original)
    socket.socket.__init__ = __init__


def _udp_test(socket):
    """Tells UDP sockets, by what the system says of them: a program may have its own idea of `type`."""
    base = socket.SocketType
    family = base.family.__get__
    kind = base.type.__get__
    protocol = base.proto.__get__
    families = {
        int(number)
        for number in (getattr(socket, "AF_INET", None), getattr(socket, "AF_INET6", None))
        if number is not None
    }
    datagram = int(socket.SOCK_DGRAM)
    # Echo requests of ICMP have datagram sockets, too.
    protocols = (0, int(getattr(socket, "IPPROTO_UDP", 17)))

    def is_udp(sock):
        return (
            kind(sock) == datagram
            and family(sock) in families
            and protocol(sock) in protocols
        )

    return is_udp


def _is_main_interpreter():
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = __import__(name)
        except ImportError:
            continue
        return interpreters.get_current() == interpreters.get_main()
    return True  # This Python has no others.


def load_part(name):
    """A module of the tap that is not needed at once, with those that it imports.

    Debuggers, coverage and profilers take them for Python's own: none steps into them. Nothing is written beside their
    files, which are an extension's.
    """
    from importlib import import_module
    from importlib.machinery import FileFinder, SourceFileLoader

    class Loader(SourceFileLoader):
        def get_code(self, name):
            return compile(self.get_data(self.path), "<frozen %s>" % name, "exec", dont_inherit=True)

    for path in __path__:
        sys.path_importer_cache[path] = FileFinder(path, (Loader, [".py"]))
    return import_module("." + name, __name__)


def as_original(replacement, original):
    """Gives a replaced method the names of what it stands for, for whoever looks at it or prints it."""
    for name in ("__name__", "__qualname__", "__doc__"):
        try:
            setattr(replacement, name, getattr(original, name))
        except (AttributeError, TypeError):
            pass
    return replacement
