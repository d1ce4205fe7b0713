/** Every name that package.json and the code share beside the commands; a test compares the two. */

export const EXTENSION = "udpWorkbench";

export const Views = {
  ports: "udpWorkbench.ports",
  badNetwork: "udpWorkbench.badNetwork",
  datagrams: "udpWorkbench.datagrams",
} as const;

/** Keys of `when` clauses. */
export const CONTEXT_KEYS = [
  /** True while a program that we can stop has a bound port. */
  "udpWorkbench.bound",
  /** True while a command captures. */
  "udpWorkbench.capturing",
  /** True while the grids of the live capture hold their rows. */
  "udpWorkbench.paused",
  /** True while this window has made a network bad. */
  "udpWorkbench.ruled",
] as const;

/** The key of `when` clauses that is set in the menu of a row, and nowhere else; the page's rows have it. */
export const ROW_KEY = "udpWorkbench.row";

/** What the setting `udpWorkbench.runtime` may say. */
export type RuntimeName = "auto" | "editor" | "node" | "tsx" | "deno" | "bun";

/** Every setting, with its default. */
export const SETTINGS = {
  runtime: "auto" as RuntimeName,
  runtimePath: "" as string,
  /** MiB of datagrams that this window keeps on disk. */
  captureQuota: 1024 as number,
  autoAttach: false as boolean,
  wiresharkPath: "" as string,
  /** Each entry is checked where it is used. */
  definitions: [] as readonly unknown[],
  /** The same. */
  networkPresets: {} as object,
  environments: {} as object,
};

/** The live capture in an editor tab. */
export const DATAGRAMS_EDITOR = "udpWorkbench.datagramsEditor";
/** What is counted of a capture, in an editor tab. */
export const STATISTICS_EDITOR = "udpWorkbench.statisticsEditor";
/** Values and plots in an editor tab. */
export const VALUES_EDITOR = "udpWorkbench.valuesEditor";
/** A saved capture in an editor tab. */
export const CAPTURE_EDITOR = "udpWorkbench.captureEditor";

export const TASK_TYPE = "udp";

/** The language of request files. */
export const REQUEST_LANGUAGE = "udp";
