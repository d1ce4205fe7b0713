# Runs a command on a terminal of its own: what comes from standard input is typed there.
# Not with pty.spawn(): when the command ends, that leaves out what nobody has read yet.
import os
import pty
import select
import sys

command, terminal = pty.fork()
if command == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
sources = [0, terminal]
while True:
    ready, _, _ = select.select(sources, [], [])
    if 0 in ready:
        typed = os.read(0, 1024)
        if typed:
            os.write(terminal, typed)
        else:
            sources.remove(0)
    if terminal in ready:
        try:
            printed = os.read(terminal, 4096)
        except OSError:  # how Linux says that the command has ended
            break
        if not printed:
            break
        while printed:
            printed = printed[os.write(1, printed) :]
sys.exit(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]))
