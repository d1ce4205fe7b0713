/**
 * Sends datagrams for the extension, from sockets of its own. It is a process of its own, so that waiting for the right
 * moment of a replay holds nobody up, and so that the tap records what it sends and what is answered, as in any program.
 * It ends when the extension host tells it to, or is gone. In the latter case it takes its last argument along: the folder
 * that programs of the window listen in, itself among them, which the extension host could not remove before it.
 */
import { rmdirSync } from "node:fs";
import process from "node:process";
import type { Answer, Order } from "./messages.ts";
import { Replay } from "./replay.ts";
import { errorName, Sockets, send } from "./sockets.ts";

const sockets = new Sockets();
const replays = new Map<number, Replay>();

function tell(answer: Answer): void {
  if (process.connected) process.send?.(answer);
}

async function carryOut(order: Order): Promise<void> {
  const { id } = order;
  switch (order.do) {
    case "send": {
      const socket = await sockets.for(order.to);
      const error = await send(socket, order.to, order.payload);
      const { address, port } = socket.address();
      const from = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
      tell(error === undefined ? { id, what: "sent", from } : { id, what: "failed", error });
      return;
    }
    case "replay": {
      const replay = new Replay(id, order.to, tell);
      replays.set(id, replay);
      try {
        const result = await replay.run(await sockets.for(order.to));
        tell({ id, what: "done", result });
      } finally {
        replays.delete(id);
      }
      return;
    }
    case "batch":
      replays.get(id)?.add(order.batch);
      return;
    case "cancel":
      replays.get(id)?.cancel();
      return;
    case "end":
      process.exit();
  }
}

process.on("message", (order: Order) => {
  carryOut(order).catch((error) => tell({ id: order.id, what: "failed", error: errorName(error) }));
});
process.on("disconnect", () => {
  // After the tap, which has removed what it listens on by then.
  process.once("exit", removeFolder);
  process.exit();
});

function removeFolder(): void {
  const [, , folder] = process.argv;
  if (folder === undefined) return;
  try {
    rmdirSync(folder);
  } catch {
    // Another program listens there.
  }
}
