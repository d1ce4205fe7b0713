import type { Event } from "./plan.ts";

/** Two programs that record, each with a socket. */
function twoSockets(address: string, otherAddress: string, port: number, otherPort: number) {
  return [
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "bind", program: 0, address, port },
    { kind: "bind", program: 1, address: otherAddress, port: otherPort },
  ] as const satisfies Event[];
}

const WINDOW = { kind: "openWindow", workspace: 0 } as const satisfies Event;

/** Worlds in which something was told that is not so, by what was wrong; each as small as it could be made. */
export const FOUND_WORLDS: Readonly<Record<string, readonly Event[]>> = {
  "what was left out, and told only in a file that had to go": [
    WINDOW,
    ...twoSockets("127.0.0.1", "::", 1, 2),
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "close", socket: 1 },
    { kind: "bind", program: 2, address: "127.0.0.1", port: 2 },
    { kind: "bind", program: 1, address: "127.0.0.1", port: 3 },
    { kind: "send", socket: 0, to: 3, payload: "46", fate: "lost", delay: 8 },
    { kind: "exit", program: 2 },
    { kind: "disk", isFull: true },
    { kind: "pass", milliseconds: 30 },
    { kind: "disk", isFull: false },
    { kind: "pass", milliseconds: 1100 },
    { kind: "kill", program: 0 },
    { kind: "bind", program: 1, address: "127.0.0.1", port: 2 },
    { kind: "burst", socket: 4, to: 3, count: 37 },
  ],
  "what had to go in a window that had not heard of Clear": [
    WINDOW,
    ...twoSockets("127.0.0.1", "::1", 1, 1),
    { kind: "close", socket: 0 },
    { kind: "clear", window: 0 },
    { kind: "close", socket: 1 },
    { kind: "bind", program: 1, address: "::", port: 3 },
    { kind: "bind", program: 1, address: "::", port: 1 },
    { kind: "kill", program: 0 },
    WINDOW,
    { kind: "burst", socket: 3, to: 1, count: 35 },
    { kind: "pass", milliseconds: 30 },
    { kind: "lookAt", window: 1, files: 235 },
  ],
  "equal ones, of which a receipt had to go": [
    WINDOW,
    ...twoSockets("127.0.0.1", "127.0.0.2", 1, 1),
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "bind", program: 2, address: "127.0.0.1", port: 3 },
    { kind: "send", socket: 0, to: 1, payload: "ping", fate: "arrives", delay: 170 },
    { kind: "bind", program: 2, address: "127.0.0.1", port: 2 },
    { kind: "pass", milliseconds: 1100 },
    { kind: "burst", socket: 1, to: 3, count: 35 },
    { kind: "bind", program: 1, address: "127.0.0.1", port: 4 },
    { kind: "send", socket: 0, to: 1, payload: "ping", fate: "doubled", delay: 397 },
  ],
  "equal ones by one who was killed and one who took over its port": [
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "bind", program: 0, address: "127.0.0.1", port: 2 },
    { kind: "pass", milliseconds: 1100 },
    { kind: "send", socket: 0, to: 0, payload: "ping", fate: "arrives", delay: 295 },
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "close", socket: 0 },
    { kind: "bind", program: 1, address: "0.0.0.0", port: 2 },
    { kind: "send", socket: 1, to: 1, payload: "ping", fate: "arrives", delay: 287 },
    { kind: "kill", program: 0 },
  ],
  "what may have been received when nothing could be recorded, in an exported capture": [
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "bind", program: 0, address: "127.0.0.1", port: 1 },
    { kind: "send", socket: 0, to: 0, payload: "ping", fate: "arrives", delay: 0.7 },
    { kind: "disk", isFull: true },
    { kind: "bind", program: 2, address: "0.0.0.0", port: 3 },
    { kind: "send", socket: 0, to: 1, payload: "a", fate: "arrives", delay: 0.2 },
    { kind: "send", socket: 1, to: 1, payload: "ping", fate: "arrives", delay: 0.5 },
  ],
};
