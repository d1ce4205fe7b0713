import assert from "node:assert/strict";
import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ControlReply,
  type ControlRequest,
  controlPath,
} from "../../extension/core/wire/control_message.ts";
import {
  CONTROL_VARIABLE,
  MOST_PATH_BYTES,
  TOKEN_VARIABLE,
} from "../../extension/core/wire/control_variables.ts";
import { formatEndpoint } from "../../extension/core/wire/endpoint.ts";
import { askProgram } from "../../extension/host/control/control_client.ts";
import { Control } from "../../extension/taps/node/control.ts";
import { act } from "../../extension/taps/node/control_actions.ts";
import { listen } from "../../extension/taps/node/control_server.ts";
import { findHandle } from "../../extension/taps/node/internals.ts";
import { SmallWorld } from "./support/small_world.ts";

const NO_RULES = { set: () => {}, keep: () => false };

describe("what the tap does for who controls it", () => {
  let sockets: Socket[];
  let receiver: Socket;

  beforeEach(async () => {
    sockets = [];
    receiver = await bound("127.0.0.1");
  });

  afterEach(async () => {
    for (const socket of sockets) {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    }
  });

  async function bound(host: string, options?: SocketOptions): Promise<Socket> {
    const socket = createSocket(options ?? { type: host.includes(":") ? "udp6" : "udp4" });
    socket.bind(0, host);
    await once(socket, "listening");
    sockets.push(socket);
    return socket;
  }

  const ask = (socket: Socket, request: Partial<ControlRequest>): Promise<ControlReply> => {
    const { port } = receiver.address();
    const local = formatEndpoint(socket.address());
    const send = { do: "send", address: "127.0.0.1", port, payload: Buffer.from("x") } as const;
    const whole = { ...send, socket: 1, local, ...request } as ControlRequest;
    return new Promise((reply) => act(whole, new Map([[1, { socket, rules: NO_RULES }]]), reply));
  };

  it("asks nobody what an address means, and leaves the program the way in which it asks", async () => {
    const asked: string[] = [];
    const lookup = ((name: string, _: unknown, done: (...words: unknown[]) => void) => {
      asked.push(name);
      setImmediate(done, null, "127.0.0.1", 4);
    }) as SocketOptions["lookup"];
    const socket = await bound("127.0.0.1", { type: "udp4", lookup });
    asked.length = 0;
    const before = Object.getOwnPropertyDescriptor(findHandle(socket), "lookup");
    assert.ok(before);
    assert.deepEqual(await ask(socket, {}), { bytes: 1 });
    assert.deepEqual(asked, []);
    assert.deepEqual(Object.getOwnPropertyDescriptor(findHandle(socket), "lookup"), before);
    // Where that cannot be replaced, it is asked.
    Object.defineProperty(findHandle(socket), "lookup", { configurable: false });
    assert.deepEqual(await ask(socket, {}), { bytes: 1 });
    assert.deepEqual(asked, ["127.0.0.1"]);
  });

  it("sends from a connected socket to its peer alone, however that is written", async () => {
    const peer = await bound("::1");
    const socket = await bound("::1");
    socket.connect(peer.address().port, "::1");
    await once(socket, "connect");
    const { port } = peer.address();
    for (const [request, reply] of [
      [{ address: "::1", port }, { bytes: 1 }],
      [{ address: "0:0:0:0:0:0:0:1", port }, { bytes: 1 }],
      [{ address: "::2", port }, { error: "OTHER_PEER" }],
      [{ address: "127.0.0.1", port }, { error: "OTHER_PEER" }],
      [{ address: "::1", port: port === 1 ? 2 : 1 }, { error: "OTHER_PEER" }],
    ] as const) {
      assert.deepEqual(await ask(socket, request), reply, JSON.stringify(request));
    }
  });

  it("replies with the system's name for what went wrong, and with none of the program's words", () => {
    for (const [thrown, error] of [
      [
        Object.assign(new Error("no"), { code: "ERR_SOCKET_DGRAM_NOT_RUNNING" }),
        "ERR_SOCKET_DGRAM_NOT_RUNNING",
      ],
      [{ code: "EACCES" }, "EACCES"],
      [{ code: "not a name" }, "EUNKNOWN"],
      [{ code: 13 }, "EUNKNOWN"],
      [{ code: ["EACCES"] }, "EUNKNOWN"],
      [new Error("EACCES"), "EUNKNOWN"],
      ["EACCES", "EUNKNOWN"],
      [null, "EUNKNOWN"],
      [undefined, "EUNKNOWN"],
    ] as const) {
      const socket = {
        address: () => {
          throw thrown;
        },
      } as unknown as Socket;
      const replies: ControlReply[] = [];
      const request = { do: "close", socket: 1, local: "127.0.0.1:1" } as const;
      act(request, new Map([[1, { socket, rules: NO_RULES }]]), (reply) => replies.push(reply));
      assert.deepEqual(replies, [{ error }]);
    }
  });
});

describe("the start of the control socket", () => {
  let world: SmallWorld;

  beforeEach(() => {
    world = new SmallWorld();
  });
  afterEach(() => {
    delete process.env[CONTROL_VARIABLE];
    delete process.env[TOKEN_VARIABLE];
    world.remove();
  });

  for (const [place, token, starts] of [
    ["/nowhere/", "token", [[100, false]]],
    ["/nowhere/", undefined, []],
    [undefined, "token", []],
    ["", "", []],
  ] as const) {
    it(`is ${starts.length === 1 ? "once, a moment after the first bind" : "not"}, with place ${place} and token ${token}`, () => {
      if (place !== undefined) process.env[CONTROL_VARIABLE] = place;
      if (token !== undefined) process.env[TOKEN_VARIABLE] = token;
      const control = new Control(world, () => {
        throw new Error(
          "Here is no file of the control server: that is not the program's business.",
        );
      });
      assert.deepEqual(world.timers, []);
      control.bound(1, { socket: {} as Socket, rules: NO_RULES });
      control.bound(2, { socket: {} as Socket, rules: NO_RULES });
      assert.deepEqual(
        world.timers.map(({ delay, isKeepingAlive }) => [delay, isKeepingAlive]),
        starts,
      );
      world.pass(100);
    });
  }
});

describe("the control socket of a thread", function () {
  this.timeout(60_000);
  let folder: string;

  before(async function () {
    if (process.platform === "win32") this.skip();
    folder = await mkdtemp(join(tmpdir(), "udp-control-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const request = { do: "close", socket: 1, local: "127.0.0.1:1" } as const;
  /** Listens in the folder, under a path of so many bytes; it does so for as long as this program lives. */
  function listenAt(bytes: number): string {
    const missing = bytes - Buffer.byteLength(controlPath(join(folder, "x"), process.pid, 0));
    const place = join(folder, "x".repeat(missing + 1));
    listen(place, "token", new Map());
    return controlPath(place, process.pid, 0);
  }

  it("is where the path is no longer than every system takes, and nowhere else", async () => {
    const longest = listenAt(MOST_PATH_BYTES);
    const longer = listenAt(MOST_PATH_BYTES + 1);
    assert.deepEqual(await askProgram(longest, "token", request), { error: "NO_SOCKET" });
    assert.equal(await askProgram(longer, "token", request), "noProgram");
  });

  it("talks with eight at a time, and turns others away at once", async () => {
    const path = listenAt(MOST_PATH_BYTES - 1);
    const open = new Set<number>();
    const connections = [];
    for (let number = 1; number <= 9; number++) {
      const connection = connect(path).resume();
      connections.push(connection);
      open.add(number);
      connection.on("error", () => {});
      connection.on("close", () => open.delete(number));
      await once(connection, "connect");
    }
    const ninth = connections.at(-1) ?? assert.fail();
    if (open.has(9)) await once(ninth, "close");
    assert.equal(open.size, 8);
    for (const connection of connections) connection.destroy();
  });
});
