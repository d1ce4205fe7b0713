"""Who records: the program for `shb_userappl`, and its name for `if_description` (docs/tap.md: The program and the socket)."""

import json
import os
import sys


def describe_program(pid):
    """Returns the program with its arguments, and the script's name."""
    version = "%d.%d.%d" % sys.version_info[:3]
    name = sys.implementation.name
    runtime = "python" if name == "cpython" else "".join(filter(str.isalpha, name.lower()))
    words = list(getattr(sys, "argv", None) or [""])
    if words[0] == "-c":
        words[0] = "[eval]"
    elif words[0] in ("", "-"):
        words = words[1:]
    who = "%s %s, pid %d, ppid %d" % (runtime, version, pid, os.getppid())
    script = os.path.basename(words[0]) if words else ""
    program = " ".join(map(_word, words))
    return (who + ": " + program if program else who), (script or runtime)


def describe_system():
    """`linux x64`, in the words that Node.js has for it."""
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    words = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "i686": "ia32", "x86": "ia32"}
    return ("%s %s" % (sys.platform, words.get(machine.lower(), machine))).strip()


def _word(word):
    word = str(word).encode("utf-8", "replace").decode("utf-8", "replace")
    is_clear = word and all(c.isprintable() and c not in ' "\\' for c in word)
    return word if is_clear else json.dumps(word, ensure_ascii=False)
