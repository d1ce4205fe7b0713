"""Makes the package of the tap by hand: `importlib` alone would cost a program that imports `socket` more than all the rest."""

import sys

_PACKAGE = "udp_workbench_tap"
_ORIGINALS = "udp_workbench_tap.originals"


def load(folder):
    """The package of the tap, whose folder lies in this one; None where it has been loaded."""
    if _PACKAGE in sys.modules:
        return None
    path = "%s/%s" % (folder, _PACKAGE)
    package = _module(_PACKAGE, "%s/__init__.py" % path)
    package.__path__ = [path]
    _run(_module(_ORIGINALS, "%s/originals.py" % path))
    _run(package)
    return package


def _module(name, path):
    module = type(sys)(name)
    module.__file__ = path
    module.__package__ = _PACKAGE
    sys.modules[name] = module
    return module


def _run(module):
    with open(module.__file__, "rb") as file:
        name = "<frozen %s>" % module.__name__
        exec(compile(file.read(), name, "exec", dont_inherit=True), module.__dict__)
