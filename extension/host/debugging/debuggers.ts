/** Debuggers whose programs can be watched, and which variable preloads into them. */
export const PRELOADED_BY: Readonly<Record<string, "NODE_OPTIONS" | "PYTHONPATH">> = {
  node: "NODE_OPTIONS",
  "pwa-node": "NODE_OPTIONS",
  debugpy: "PYTHONPATH",
  python: "PYTHONPATH",
};

/** The types of launch configurations that debug_environment.ts knows. */
export const DEBUGGERS = Object.keys(PRELOADED_BY);
