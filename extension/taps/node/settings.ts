import { resolve } from "node:path";

/** What the environment asks of the tap. */
export interface Settings {
  /** Absolute path of the capture folder (`UDP_TAP_DIR`). */
  readonly folder: string;
  /** Bytes that the folder may hold (`UDP_TAP_QUOTA`). */
  readonly quota: number;
  /** Bytes after which a new segment starts (`UDP_TAP_SEGMENT`). */
  readonly segment: number;
  /** Payload bytes of a datagram that are kept (`UDP_TAP_SNAPLEN`). */
  readonly snapLength: number;
}

const DEFAULT_QUOTA = 1024 ** 3;
const DEFAULT_SEGMENT = 32 * 1024 ** 2;

/** The settings, or undefined where `UDP_TAP_DIR` is not set: then there is nothing to do. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings | undefined {
  const folder = environment.UDP_TAP_DIR;
  if (!folder) return undefined;
  return {
    // At once, because the program may change its working directory.
    folder: resolve(folder),
    quota: readBytes(environment.UDP_TAP_QUOTA, DEFAULT_QUOTA),
    segment: readBytes(environment.UDP_TAP_SEGMENT, DEFAULT_SEGMENT),
    snapLength: readBytes(environment.UDP_TAP_SNAPLEN, Number.MAX_SAFE_INTEGER),
  };
}

/** A tap has nobody to complain to: what is no whole number is as good as not there. */
function readBytes(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : otherwise;
}
