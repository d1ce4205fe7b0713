import { once } from "../base/once.ts";
import type { Store } from "../base/store.ts";
import type { Sending, SendingOptions } from "./sending.ts";

/** What sends, made when it is first asked for; it ends with `store`. */
export function lazySending(options: SendingOptions, store: Store): () => Promise<Sending> {
  return once(async () => {
    const { Sending } = await import("./sending.ts");
    return store.add(new Sending(options));
  });
}
