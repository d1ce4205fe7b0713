import type { Memento } from "vscode";
import { once } from "../base/once.ts";
import type { Store } from "../base/store.ts";
import type { Definitions } from "./definitions.ts";
import type { PayloadDecoders } from "./payload_decoders.ts";

/** What reads payloads, the same each time; made when it is first asked for, and ends with `store`. */
export function lazyDecoders(
  memory: Memento,
  definitions: () => Promise<Definitions>,
  store: Store,
): () => Promise<PayloadDecoders> {
  return once(async () => {
    const it = await import("./payload_decoders.ts");
    return store.add(new it.PayloadDecoders(memory, await definitions()));
  });
}
