"""What a program sees of its UDP sockets, case by case: run without and with a tap, both have to print the same."""

import json
import socket
import sys
import traceback

_cases = {}


def case(function):
    _cases[function.__name__] = function
    return function


def outcome(task, *arguments, **named):
    """What a call returns or fails with, as text."""
    try:
        return repr(task(*arguments, **named))
    except BaseException as error:
        parts = [type(error).__name__, str(error), repr(getattr(error, "errno", None))]
        if error.__cause__ or error.__context__:
            parts.append("because of another")
        return " ".join(parts)


def refused(task, *arguments, **named):
    """What kind of error a call has that takes nothing by name: it is in C, and in Python the words are others."""
    return outcome(task, *arguments, **named).split(" ", 1)[0]


def bound(family=socket.AF_INET, kind=socket.socket):
    """A socket on a free port of this machine, with a timeout."""
    made = kind(family, socket.SOCK_DGRAM)
    made.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    made.settimeout(20)
    return made


def pair(kind=socket.socket):
    """Two sockets that are connected with each other."""
    one, other = bound(kind=kind), bound(kind=kind)
    one.connect(other.getsockname())
    other.connect(one.getsockname())
    return one, other


def run():
    """Runs all cases; prints what each has said."""
    said = {}
    for name, function in _cases.items():
        lines = []
        try:
            for line in function():
                lines.append(line if isinstance(line, str) else repr(line))
            lines.append("ended")
        except BaseException:
            lines.append(traceback.format_exc())
        said[name] = lines
    json.dump(said, sys.stdout)
