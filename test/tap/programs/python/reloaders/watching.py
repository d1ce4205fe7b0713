"""A reloader as many projects have their own: a child that is spawned anew whenever a file of the program has changed."""

import multiprocessing
import os
import signal
import sys
import time


def run():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    import served

    served.serve()


def changed():
    return os.stat("served.py").st_mtime_ns


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    context = multiprocessing.get_context("spawn")
    while True:
        before = changed()
        child = context.Process(target=run)
        child.start()
        try:
            while changed() == before:
                time.sleep(0.02)
        finally:
            child.terminate()
            child.join()
            print("ended with", child.exitcode, flush=True)


if __name__ == "__main__":
    main()
