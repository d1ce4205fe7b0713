"""Loads the modules of the tap so that debuggers, coverage and profilers take them for Python's own: none steps into them.

Nothing is written beside their files, which are an extension's.
"""

import sys
from importlib.machinery import FileFinder, SourceFileLoader
from importlib.util import module_from_spec

_PACKAGE = "udp_workbench_tap"


class Loader(SourceFileLoader):
    def get_code(self, name):
        return compile(self.get_data(self.path), "<frozen %s>" % name, "exec", dont_inherit=True)


def load(folder):
    """The package of the tap, whose folder lies in this one; None where it has been loaded."""
    if _PACKAGE in sys.modules:
        return None
    spec = _finder(folder).find_spec(_PACKAGE)
    for path in spec.submodule_search_locations:
        sys.path_importer_cache[path] = _finder(path)
    package = module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    spec.loader.exec_module(package)
    return package


def _finder(folder):
    return FileFinder(folder, (Loader, [".py"]))
