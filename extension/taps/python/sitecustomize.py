"""Loads the tap of UDP Workbench into a Python program, when and if that imports `socket`.

Python imports a `sitecustomize` at its start (https://docs.python.org/3/library/site.html), and only the first one that it
finds. So this one takes itself out of the way again: it runs the one that it hides, exactly as Python would have, and
leaves `sys.path` as it would be. A program that never imports `socket` pays for this file and no other.
"""


#: Where the tap is; None: beside this file. Auto attach writes a copy of this file that says it.
_TAP = None
#: A file without which, in the capture folder, nothing is watched; None: there need be none.
_MARK = None


def _unhide():
    """Runs the sitecustomize that stands behind this one, as if this one were not there."""
    import os
    import sys

    folder = os.path.dirname(os.path.abspath(__file__))
    _leave_path(folder, os, sys)
    try:
        _load_with_socket(_TAP or folder, os, sys)
    except Exception:
        pass  # Better an unseen program than a broken one.
    own = sys.modules.pop(__name__, None)
    try:
        # Raises what it raises, and ImportError of this very name where there is none: Python expects both.
        import sitecustomize  # noqa: F401
    except ImportError as error:
        # While a module is loaded, the import system wants to find it under its name.
        if error.name != __name__ and own is not None:
            sys.modules[__name__] = own
        raise


def _leave_path(folder, os, sys):
    """Takes this folder out of `sys.path`."""
    paths = [os.path.abspath(path or os.curdir) for path in sys.path]
    if folder in paths:
        at = paths.index(folder)
        # Put before a PYTHONPATH that there was not, with a colon: what is empty behind it stands for the working directory.
        before, _, behind = os.environ.get("PYTHONPATH", "").partition(folder + os.pathsep)
        is_empty = not before and behind[:1] in ("", os.pathsep)
        if is_empty and paths[at + 1 : at + 2] == [os.getcwd()]:
            del sys.path[at + 1]
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or os.curdir) != folder]
    sys.path_importer_cache.pop(folder, None)


def _load_with_socket(folder, os, sys):
    """Loads the tap with the program's first import of `socket`, or at once where that has been."""
    captures = os.environ.get("UDP_TAP_DIR")
    if not captures or (_MARK is not None and not os.path.exists(os.path.join(captures, _MARK))):
        return

    def install(module):
        try:
            # Not imported: its name, which debuggers go by, is not its path.
            with open(os.path.join(folder, "udp_workbench_tap/loading.py"), "rb") as file:
                code = compile(file.read(), "<frozen udp_workbench_tap.loading>", "exec", dont_inherit=True)
            loading = {}
            exec(code, loading)
            tap = loading["load"](folder)
            if tap is not None:
                tap.install(module)
        except Exception:
            pass  # Better an unseen program than a broken one.

    if "socket" in sys.modules:
        install(sys.modules["socket"])
        return

    class Finder:
        """Finds `socket` as everybody else does, and adds the tap when it has been run. Gone after that."""

        @staticmethod
        def find_spec(name, path=None, target=None):
            if name != "socket":
                return None
            try:
                sys.meta_path.remove(Finder)
            except ValueError:
                pass
            # Not by `importlib`, which would cost a program without UDP more than all the rest.
            finds = [getattr(finder, "find_spec", None) for finder in sys.meta_path]
            specs = (find(name, path, target) for find in finds if find is not None)
            spec = next((found for found in specs if found is not None), None)
            loader = getattr(spec, "loader", None)
            execute = getattr(loader, "exec_module", None)
            if execute is None:
                return spec

            def exec_module(module):
                # As it was, before anybody can look at it.
                try:
                    del loader.exec_module
                except AttributeError:
                    pass
                execute(module)
                install(module)

            try:
                loader.exec_module = exec_module
            except Exception:
                pass  # A loader that cannot be changed: the program is not watched.
            return spec

    sys.meta_path.insert(0, Finder)


_unhide()
