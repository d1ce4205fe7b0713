"""Two clocks of the tap where the time of day comes in 64ths of a second, as on Windows: prints by how many microseconds each was
wrong at most. Words: the folder of the tap.
"""

import os
import sys

sys.path.insert(0, os.path.join(sys.argv[1], "udp_workbench_tap"))
import clock  # noqa: E402

STEP = 15_625
START = 1_764_000_000_000_000


class World:
    """Microseconds since 1970, of which each look takes one, and counters that began somewhere."""

    now = START + 4_321.0

    def perf_counter(self):
        self.now += 1
        return (self.now - START + 77_777) / 1e6

    def time_ns(self):
        self.now += 1
        return int(self.now) // STEP * STEP * 1000


world = World()
clock._COARSE = STEP
clock.perf_counter, clock.time_ns = world.perf_counter, world.time_ns
for since in (0, 9_876):
    world.now += since
    it = clock.Clock()
    wrong = 0
    for _second in range(200):
        world.now += 1_012_345
        it.adjust()
        wrong = max(wrong, abs(it.now() - world.now))
    # Set back by an hour, it goes slower until both agree, and is never late for good.
    world.now -= 3_600_000_000
    clock.perf_counter = lambda: (world.perf_counter() * 1e6 + 3_600_000_000) / 1e6
    it.adjust(True)
    is_held = it.floor > 0
    clock.perf_counter = world.perf_counter
    world.now += 3_600_000_000
    print(round(wrong), is_held)
