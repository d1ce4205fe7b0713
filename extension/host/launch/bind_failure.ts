import { getSystemErrorMap } from "node:util";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";

/**
 * What the terminal says of a bind that failed, rebuilt from what the tap recorded of it:
 * `Cannot bind 127.0.0.1:9999: address already in use (EADDRINUSE)`.
 */
export function bindFailureText({ name, failure }: CapturedSocket): string {
  return `Cannot bind ${name}: ${reasonOf(failure)} (${failure})`;
}

/** The system's words for an error code, as libuv has them. */
function reasonOf(code: string): string {
  for (const [name, reason] of getSystemErrorMap().values()) if (name === code) return reason;
  return "the system refused";
}
