"""Whether a folder is one that nobody else can put something into (docs/tap.md: Files)."""

import os
import stat

#: The rights of the group and of everybody else to put something there.
_OTHERS_WRITE = 0o022
_stat, _lstat = os.stat, os.lstat
_user = getattr(os, "geteuid", None)


def is_own_folder(folder):
    """Nor has another user made a link to it. On Windows, where access lists say that, always. Raises OSError."""
    if _user is None:
        return True
    status = _stat(folder)
    user = _user()
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_mode & _OTHERS_WRITE == 0
        and status.st_uid == user
        and _lstat(folder).st_uid == user
    )
