import type { Memento } from "vscode";
import type { Store } from "../base/store.ts";
import type { Definitions } from "./definitions.ts";
import type { PayloadDecoders } from "./payload_decoders.ts";

/** What reads payloads, the same each time; made when it is first asked for, and ends with `store`. */
export function lazyDecoders(
  memory: Memento,
  definitions: () => Promise<Definitions>,
  store: Store,
): () => Promise<PayloadDecoders> {
  let decoders: Promise<PayloadDecoders> | undefined;
  const load = async () => {
    const [{ PayloadDecoders }, loaded] = await Promise.all([
      import("./payload_decoders.ts"),
      definitions(),
    ]);
    return store.add(new PayloadDecoders(memory, loaded));
  };
  return () => {
    decoders ??= load();
    return decoders;
  };
}
