"""The end of the process, its forks, and another program in its place: what is in memory has to be written before."""

import atexit
import os

from . import as_original
from .never_raises import never_raises


def follow_process(recorder, control):
    def finish():
        never_raises(control.end)()
        recorder.finish()

    atexit.register(never_raises(finish))
    if hasattr(os, "register_at_fork"):
        # What is registered later runs earlier before a fork, and later after it.
        os.register_at_fork(
            before=recorder.before_fork,
            after_in_parent=never_raises(recorder.after_fork_in_parent),
            after_in_child=never_raises(recorder.after_fork_in_child),
        )
        os.register_at_fork(
            before=never_raises(control.pause),
            after_in_parent=never_raises(control.resume),
            after_in_child=never_raises(control.abandon),
        )
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
