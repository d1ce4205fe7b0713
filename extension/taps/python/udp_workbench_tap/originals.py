"""What the tap needs of threads, taken before the program can replace it: this is read with the first import of `socket`."""

import _thread
from time import sleep

try:
    from select import poll
except ImportError:
    poll = None  # On Windows.
try:
    from _signal import SIG_BLOCK, pthread_sigmask, valid_signals
except ImportError:
    pthread_sigmask = None

RLock, allocate_lock = _thread.RLock, _thread.allocate_lock
thread_id = _thread.get_ident
native_id = getattr(_thread, "get_native_id", int)
_start_new_thread = _thread.start_new_thread

__all__ = ["RLock", "allocate_lock", "native_id", "poll", "sleep", "start_thread", "thread_id"]


def start_thread(task, *args):
    """Runs it in a thread that keeps no program alive, takes none of its signals and says nothing. Raises where there can be none."""

    def run():
        try:
            if pthread_sigmask is not None:
                # One that comes here would not interrupt what the program waits for.
                pthread_sigmask(SIG_BLOCK, valid_signals())
            task(*args)
        except BaseException:
            pass

    # pydevd, the debugger of VS Code and others, takes a thread that `threading` has not begun for one of the program's: it
    # shows it, and from Python 3.12 on holds it at breakpoints. One that is still beginning it leaves alone.
    run.__code__ = run.__code__.replace(co_filename="threading", co_name="_bootstrap")
    _start_new_thread(run, ())
