"""The files that this program writes in the capture folder, and the quota that it keeps (docs/tap.md: Files, Quota, Flush)."""

import errno
import os
import stat
from time import monotonic

from .own_descriptor import OwnDescriptor
from .own_folder import is_own_folder

_NAME_ATTEMPTS = 100
#: The file whose length says how full the folder is: a byte for each page that a tap was granted.
_USAGE_FILE = "used"
_PAGE_BYTES = 4096
#: Granted at once, so that who writes little asks once.
_MIN_GRANT = 64 * 1024
#: The files are not added up again for so many times as long as that took.
_COUNT_PAUSE = 100
_RETRY_SECONDS = 1.0
#: A write that takes longer holds the program up noticeably; so many in a row are the disk's doing.
_SLOW_WRITE_SECONDS = 0.05
_SLOW_WRITES = 3
_REST_FACTOR = 9
_MAX_ALLOWANCE = 16 * 1024**2
_MIN_RESERVE = 64 * 1024
# The program, and its tests above all, may replace these in the module.
_open, _write, _close, _unlink = os.open, os.write, os.close, os.unlink
_fstat, _ftruncate, _scandir, _mkdir, _exists = (
    os.fstat,
    os.ftruncate,
    os.scandir,
    os.mkdir,
    os.path.exists,
)


class Segments:
    """Nothing here raises: what cannot be written is refused, and after a pause tried again."""

    def __init__(self, settings, prefix):
        self._folder = settings.folder
        self._quota = settings.quota
        self._most = settings.segment
        self._prefix = prefix
        self._number = 0
        self._descriptor = None
        self._path = ""
        self._size = 0
        self._allowance = 0
        self._granted = 0
        self._used = 0
        self._count_at = 0.0
        self._retry_at = 0.0
        self._look_at = 0.0
        self._rest_until = 0.0
        self._slow_writes = 0

    @property
    def may_try(self):
        """False for a while after a failure: a full disk must not cost the program anything."""
        return monotonic() >= self._retry_at

    @property
    def is_resting(self):
        """True for a while after slow writes: what can wait in memory should."""
        return monotonic() < self._rest_until

    @property
    def room(self):
        """Bytes that can be added before `admits` or `is_full` may say something else."""
        return min(self._allowance, self._most - self._size)

    def admits(self, length):
        """Whether there is room for records of so many bytes in all that are not written yet."""
        if not self.may_try:
            return False
        if length <= self._allowance:
            return True
        if self.is_resting:
            return False
        try:
            self._prepare_folder()
            self._timed(lambda: self._look_at_folder(length))
        except Exception:
            pass  # Not a folder that we may use: the same as a full one.
        if length <= self._allowance:
            return True
        self._retry_at = monotonic() + _RETRY_SECONDS
        return False

    def is_full(self, length):
        """Whether so many bytes that are not written yet are too many for the current segment."""
        return self._size + length > self._most

    def append(self, data):
        """Appends whole blocks. False: nothing was kept, and the segment has ended."""
        try:
            if self._descriptor is not None and (not self._descriptor.is_ours or self._was_deleted()):
                self.end()
                return False
            if not self._admits_description(len(data)):
                # A window may have made room since the folder was looked at.
                self._timed(lambda: self._look_at_folder(0))
                if not self._admits_description(len(data)):
                    raise OSError(errno.ENOSPC, "The quota is used up")
            if self._descriptor is None:
                self._create()
            self._timed(lambda: self._append(data))
            self._allowance -= len(data)
            self._used += len(data)
            return True
        except Exception:
            self.end()
            self._retry_at = monotonic() + _RETRY_SECONDS
            return False

    def _admits_description(self, length):
        """Whether blocks that describe, not record, fit into the reserve behind the quota."""
        return self._used + length <= self._quota + max(_MIN_RESERVE, self._quota // 64)

    def _timed(self, write):
        """Writes, and notes whether that was slow."""
        before = monotonic()
        write()
        after = monotonic()
        self._slow_writes = self._slow_writes + 1 if after - before > _SLOW_WRITE_SECONDS else 0
        if self._slow_writes >= _SLOW_WRITES:
            self._rest_until = after + (after - before) * _REST_FACTOR

    def end(self):
        """The next block starts a new segment. A file that nothing could be written to is removed."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        try:
            descriptor.close()
            if self._size == 0:
                _unlink(self._path)
        except Exception:
            pass  # What could be written has been written.
        self._size = 0

    def abandon(self):
        """In a child after a fork: the file is the parent's."""
        descriptor, self._descriptor = self._descriptor, None
        self._size = 0
        if descriptor is not None:
            try:
                descriptor.close()
            except Exception:
                pass

    def _append(self, data):
        view = memoryview(data)
        written = 0
        try:
            while written < len(data):
                written += _write(self._descriptor.number, view[written:])
        except BaseException:
            # Half a block would make all that comes after it unreadable.
            _ftruncate(self._descriptor.number, self._size)
            raise
        self._size += written

    def _create(self):
        self._prepare_folder()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
        for attempt in range(_NAME_ATTEMPTS):
            self._number += 1
            self._path = os.path.join(self._folder, "%s-%06d.pcapng" % (self._prefix, self._number))
            try:
                # Exclusively: a link that somebody has planted is never followed.
                self._descriptor = OwnDescriptor(_open(self._path, flags, 0o600))
                self._size = 0
                return
            except FileExistsError:
                if attempt == _NAME_ATTEMPTS - 1:
                    raise

    def _prepare_folder(self):
        """Makes it where it is missing; raises where others could put something there, or take it away."""
        if not _exists(self._folder):
            _make_folder(self._folder)
        if not is_own_folder(self._folder):
            raise OSError(errno.EPERM, "Others can write there")

    def _look_at_folder(self, length):
        """Takes as much of what is left as is missing to `length`, or more where there was need of much before."""
        missing = length - self._allowance
        descriptor = self._open_usage(os.O_APPEND)
        try:
            pages = _fstat(descriptor).st_size
            # Nobody has written yet, or programs that were killed have not used what they were granted.
            if pages == 0 or self._left(pages) < missing:
                pages = self._count(pages)
            self._used = pages * _PAGE_BYTES - self._allowance
            step = min(_MAX_ALLOWANCE, max(_MIN_RESERVE, self._quota // 16))
            wanted = max(missing, min(step, max(_MIN_GRANT, 2 * self._granted)))
            granted = max(0, min(-(-wanted // _PAGE_BYTES), self._left(pages) // _PAGE_BYTES))
            if granted > 0:
                _write(descriptor, bytes(granted))
            self._granted = granted * _PAGE_BYTES
            self._allowance += self._granted
        finally:
            _close(descriptor)

    def _left(self, pages):
        return self._quota - pages * _PAGE_BYTES

    def _open_usage(self, append):
        """Never behind a link that somebody planted, and nothing that would be waited for."""
        flags = os.O_RDWR | os.O_CREAT | append | getattr(os, "O_BINARY", 0)
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOINHERIT"):
            flags |= getattr(os, name, 0)
        descriptor = _open(os.path.join(self._folder, _USAGE_FILE), flags, 0o600)
        status = _fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            return descriptor
        _close(descriptor)
        raise OSError(errno.EINVAL, "Not our file")

    def _count(self, known):
        """The pages that there really are, with our own allowance; those that are known where it was counted just now."""
        start = monotonic()
        if start < self._count_at:
            return known
        used = self._allowance
        with _scandir(self._folder) as entries:
            for entry in entries:
                if entry.name == _USAGE_FILE:
                    continue
                try:
                    used += entry.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    pass  # A window has deleted an old segment meanwhile.
        pages = -(-used // _PAGE_BYTES)
        # Windows lets nobody cut a file that was opened for appending.
        descriptor = self._open_usage(0)
        try:
            _ftruncate(descriptor, pages)
        finally:
            _close(descriptor)
        end = monotonic()
        self._count_at = end + _COUNT_PAUSE * (end - start)
        return pages

    def _was_deleted(self):
        now = monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + _RETRY_SECONDS
        return _fstat(self._descriptor.number).st_nlink == 0


def _make_folder(path):
    """With what it lies in, each for the user alone."""
    try:
        _mkdir(path, 0o700)
    except FileExistsError:
        pass  # Another program has made it at the same moment.
    except FileNotFoundError:
        parent = os.path.dirname(path)
        if parent == path:
            raise
        _make_folder(parent)
        try:
            _mkdir(path, 0o700)
        except FileExistsError:
            pass
