import type { Store } from "../base/store.ts";
import type { Definitions } from "./definitions.ts";

/** The definitions of the workspace, the same each time; loaded when they are first asked for. */
export function lazyDefinitions(store: Store): () => Promise<Definitions> {
  let loading: Promise<Definitions> | undefined;
  return () => {
    loading ??= import("./definitions.ts").then(({ Definitions }) => store.add(new Definitions()));
    return loading;
  };
}
