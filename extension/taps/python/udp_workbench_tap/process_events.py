"""The end of the process, its forks, and another program in its place: what is in memory has to be written before."""

import atexit
import os
import sys

from . import as_original
from .never_raises import never_raises
from .originals import thread_id


def follow_process(recorder, control, late_parts):
    """:param late_parts: what may come, and is told the same: the rules"""

    def finish():
        never_raises(control.end)()
        for part in late_parts:
            never_raises(part.end)()
        recorder.finish()

    atexit.register(never_raises(finish))
    if hasattr(os, "register_at_fork"):
        _follow_forks(recorder, control, late_parts)
    # A child of multiprocessing ends so, without atexit; and a program is replaced so.
    for name, task in (
        ("_exit", finish),
        ("execv", recorder.flush),
        ("execve", recorder.flush),
    ):
        original = getattr(os, name, None)
        if original is not None:
            setattr(os, name, _with_task_before(original, never_raises(task)))


def _with_task_before(original, task):
    def replacement(*args, **kwargs):
        task()
        return original(*args, **kwargs)

    return as_original(replacement, original)


def _follow_forks(recorder, control, late_parts):
    """Has no thread of ours beside a fork: Python 3.12 warns of one, before and just after it."""
    #: Threads that are in the midst of an os.fork of ours.
    forking = set()

    @never_raises
    def resume():
        recorder.resume()
        for part in (control, *late_parts):
            part.resume()

    @never_raises
    def pause():
        for part in (*late_parts, control):
            part.pause()

    @never_raises
    def abandon():
        for part in (control, *late_parts):
            part.abandon()

    def parent():
        never_raises(recorder.after_fork_in_parent)()
        if thread_id() not in forking:
            resume()

    # What is registered later runs earlier before a fork, and later after it.
    os.register_at_fork(
        before=recorder.before_fork,
        after_in_parent=parent,
        after_in_child=never_raises(recorder.after_fork_in_child),
    )
    os.register_at_fork(before=pause, after_in_child=abandon)
    # Python 3.13 counts threads when all that is registered has been called.
    if sys.version_info < (3, 12):
        return
    for name in ("fork", "forkpty"):
        original = getattr(os, name, None)
        if original is not None:
            setattr(os, name, _with_resumption(original, forking, resume))


def _with_resumption(original, forking, resume):
    def replacement():
        me = thread_id()
        forking.add(me)
        result = None
        try:
            result = original()
            return result
        finally:
            forking.discard(me)
            # Not in the child: 0 there, and the first of two for a terminal.
            if result is None or (result[0] if isinstance(result, tuple) else result) != 0:
                resume()

    return as_original(replacement, original)
