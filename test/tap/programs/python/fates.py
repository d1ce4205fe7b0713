"""Reads lines of JSON, each a rule, bytes before a payload, and datagrams as [payload in hexadecimal, milliseconds, how many
wait]; prints for each line what becomes of them, or null where that is no rule. Words: the folder of the tap.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(sys.argv[1], "udp_workbench_tap"))
import bad_network  # noqa: E402

for line in sys.stdin:
    case = json.loads(line)
    try:
        network = bad_network.BadNetwork(bad_network.to_rule(case["rule"]), case["headers"])
    except ValueError:
        print("null")
        continue
    told = []
    for payload, now, waiting in case["datagrams"]:
        fate = network.fate_of(bytes.fromhex(payload), now, waiting)
        told.append([fate.dropped, fate.copies, fate.delay_ms, fate.flipped_bit])
    print(json.dumps(told))
