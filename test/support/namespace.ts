import { spawnSync } from "node:child_process";

const UP = 'ip link set lo up && exec "$@"';

/**
 * Runs a command in a network of its own, where every port is free; `[]` where this system has no such thing, or does
 * not allow it.
 */
export function inOwnNetwork(): readonly string[] {
  const prefix = ["unshare", "--map-root-user", "--net", "sh", "-c", UP, "sh"];
  const [program = "", ...args] = [...prefix, "true"];
  return spawnSync(program, args).status === 0 ? prefix : [];
}
