/** Which datagrams a definition of the workspace is for: an entry of `udpWorkbench.definitions`. */
export interface DefinitionUse {
  /** Path of the `.ksy` file within the workspace, with `/` between folders. */
  readonly file: string;
  /** The type that a payload is; left out: the definition's own. */
  readonly type?: string;
  /** Of either end. */
  readonly port?: number;
  /** Address of either end, or address and port as `10.0.0.7:5005`. */
  readonly peer?: string;
  /** Received or sent by the socket that the datagram was recorded at. */
  readonly direction?: "in" | "out";
}

/** What is known of a datagram that a definition is looked for. */
export interface DatagramEnds {
  readonly ports: readonly number[];
  /** Each end, as an address and as an address with its port. */
  readonly peers: readonly string[];
  readonly direction: "in" | "out" | undefined;
}

/** What the setting says; entries that are none, and files outside of the workspace, are left out. */
export function definitionUses(setting: unknown): DefinitionUse[] {
  if (!Array.isArray(setting)) return [];
  return setting.flatMap((entry: unknown): DefinitionUse[] => {
    if (typeof entry !== "object" || entry === null) return [];
    const { file, type, port, peer, direction } = entry as Record<string, unknown>;
    if (typeof file !== "string" || !isWithin(file)) return [];
    return [
      {
        file,
        ...(typeof type === "string" && { type }),
        ...(typeof port === "number" && { port }),
        ...(typeof peer === "string" && { peer }),
        ...((direction === "in" || direction === "out") && { direction }),
      },
    ];
  });
}

/** The first that is for a datagram with these ends. */
export function definitionFor(
  uses: readonly DefinitionUse[],
  { ports, peers, direction }: DatagramEnds,
): DefinitionUse | undefined {
  return uses.find(
    (use) =>
      (use.port === undefined || ports.includes(use.port)) &&
      (use.peer === undefined || peers.includes(use.peer)) &&
      (use.direction === undefined || use.direction === direction),
  );
}

/** True for a path that leads nowhere but into the folder that it is relative to. */
export function isWithin(path: string): boolean {
  const parts = path.split("/");
  return path !== "" && !/^[/\\]|[\\:]/.test(path) && !parts.includes("..");
}
