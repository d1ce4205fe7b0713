import { join } from "node:path";
import type { Comparison } from "./comparison.ts";
import { compiled } from "./echo/compiled.ts";
import { canCapture, dumpcap } from "./echo/dumpcap.ts";
import { ownServer, tappedServer } from "./echo/echo_servers.ts";
import { loading } from "./echo/loading.ts";
import { serversInTurns } from "./echo/servers_in_turns.ts";
import type { Effort } from "./effort.ts";
import { withFolder } from "./generated_capture.ts";

const ROUNDS = 11;
const SECONDS = 2;
const ALONE = "the same alone";

/** What it costs a server at full load to be watched: by the tap, or by a capture of the loopback interface beside it. */
export function measureWatching({
  rounds = ROUNDS,
  seconds = SECONDS,
}: Effort): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const generator = await compiled("load_generator", folder);
    const bare = ownServer("Node 24");
    const file = join(folder, "loopback.pcapng");
    const watch = (port: number) => dumpcap(file, port);
    const canDump = await canCapture(file);
    const samples = await serversInTurns(rounds, {
      bare: loading(bare, generator, { folder, seconds }),
      tapped: loading(tappedServer("Node 24", folder), generator, { folder, seconds }),
      dumped: canDump ? loading(bare, generator, { folder, seconds, watch }) : undefined,
    });
    const [rate, cost] = [
      { unit: "replies/s", better: "more", peer: { name: ALONE, sample: samples.bare?.rate } },
      { unit: "µs", better: "less", peer: { name: ALONE, sample: samples.bare?.cost } },
    ] as const;
    return [
      {
        ...rate,
        what: "the server on Node 24, with the tap",
        ours: samples.tapped?.rate,
        goal: { ratio: 0.96 },
      },
      { ...rate, what: "the same beside dumpcap -i lo", ours: samples.dumped?.rate },
      { ...cost, what: "with the tap: processor time for a reply", ours: samples.tapped?.cost },
    ];
  });
}
