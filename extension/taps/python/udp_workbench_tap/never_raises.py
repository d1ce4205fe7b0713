"""A fault of the tap must not change how the program goes on."""


def never_raises(task):
    def run(*args):
        try:
            task(*args)
        except Exception:
            pass  # What it cost is a record.

    return run
