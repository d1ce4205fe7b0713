"""Descriptors of the tap, of which a program knows nothing: it may close any, and be given the same number again."""

import os

_fstat, _close = os.fstat, os.close


class OwnDescriptor:
    __slots__ = ("number", "_what")

    def __init__(self, number):
        self.number = number
        self._what = _identity(number)

    @property
    def is_ours(self):
        """False once it was closed, or stands for something else."""
        try:
            return _identity(self.number) == self._what
        except OSError:
            return False

    def close(self):
        """Nothing that is the program's."""
        if self.is_ours:
            _close(self.number)


def _identity(number):
    status = _fstat(number)
    return status.st_dev, status.st_ino
