import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { SystemSocket } from "../../extension/core/system/system_socket.ts";
import type { LiveCapture } from "../../extension/host/capture/live_capture.ts";
import { othersItem } from "../../extension/host/ports/other_items.ts";
import { PortsModel } from "../../extension/host/ports/ports_model.ts";
import { SystemSockets } from "../../extension/host/ports/system_sockets.ts";
import type { OperatingSystem } from "../../extension/host/system/operating_system.ts";

/** A system that counts how often it is asked for its sockets, and may fail. */
class CountingSystem implements OperatingSystem {
  asked = 0;
  failure: Error | undefined;
  readonly isSearching = false;
  readonly isExpensive = false;

  async udpSockets(): Promise<SystemSocket[]> {
    this.asked++;
    if (this.failure) throw this.failure;
    return [];
  }

  async findOwners(): Promise<void> {}

  holds(): boolean {
    return false;
  }

  async tcpListeners() {
    return [];
  }

  async groups() {
    return [];
  }

  async process() {
    return undefined;
  }
}

describe("The system's table of sockets", () => {
  // All that is asked of a capture here: that nothing is bound.
  const live = {
    capture: { sockets: { open: () => [] }, revision: 0 },
  } as unknown as LiveCapture;
  let system: CountingSystem;
  let sockets: SystemSockets;

  beforeEach(() => {
    system = new CountingSystem();
    sockets = new SystemSockets(live, system);
  });

  afterEach(() => sockets.dispose());

  const refreshed = () =>
    new Promise<void>((resolve) => {
      const listener = sockets.onDidRefresh(() => {
        listener.dispose();
        resolve();
      });
    });

  it("is read again and again while somebody looks, at most once a second, and not at all otherwise", async () => {
    assert.equal(system.asked, 0);
    const start = performance.now();
    sockets.watch(true);
    for (let look = 0; look < 3; look++) await refreshed();
    assert.ok(performance.now() - start > 1900, "two seconds between three looks");
    sockets.watch(false);
    const { asked } = system;
    // That nothing comes can only be seen by waiting: more than two looks long.
    await delay(2500);
    assert.equal(system.asked, asked);
    sockets.watch(true);
    await refreshed();
    assert.equal(system.asked, asked + 1);
  });

  it("is said to be unknown where it cannot be read, and why, until it can", async () => {
    system.failure = new Error("netstat.exe: exit code 1");
    const model = new PortsModel(live, sockets);
    model.showOthers();
    await sockets.refresh();
    const node = model.others ?? assert.fail("no line");
    const item = othersItem(node);
    assert.equal(item.description, "unknown");
    assert.match(
      String(item.tooltip),
      /^Cannot list the UDP sockets of other programs \(netstat\.exe: exit code 1\);/,
    );
    assert.deepEqual(model.children(node), []);
    system.failure = undefined;
    await sockets.refresh();
    assert.equal(sockets.problem, undefined);
    assert.equal(model.others, undefined);
  });
});
