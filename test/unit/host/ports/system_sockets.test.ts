import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import type { SystemSocket } from "../../../../extension/core/system/system_socket.ts";
import type { LiveCapture } from "../../../../extension/host/capture/live_capture.ts";
import type { OperatingSystem } from "../../../../extension/host/system/operating_system.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const { SystemSockets } = await import("../../../../extension/host/ports/system_sockets.ts");

describe("the sockets of the machine", () => {
  it("are told with their owners, also where these were found while the others were looked at", async () => {
    let isFound = false;
    const socket = { key: "a", family: "udp4", address: "127.0.0.1", port: 9 };
    const system = {
      udpSockets: async () => {
        const listed = [isFound ? { ...socket, pid: 7 } : socket, { ...socket, key: "b", pid: 8 }];
        return listed as unknown as SystemSocket[];
      },
      // The search goes on by itself, and ends while another process is looked at.
      process: async () => {
        isFound = true;
        return undefined;
      },
      get isSearching() {
        return !isFound;
      },
      findOwners: async () => {},
      holds: () => false,
    } as unknown as OperatingSystem;
    const live = { capture: new Capture() } as unknown as LiveCapture;
    const sockets = new SystemSockets(live, system);
    await sockets.refreshWithOwners();
    sockets.dispose();
    assert.deepEqual(
      sockets.others().map((it) => it.socket.pid),
      [7, 8],
    );
  });
});
