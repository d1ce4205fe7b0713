import assert from "node:assert/strict";
import { createSocket, type RemoteInfo, Socket } from "node:dgram";
import { EventEmitter, once } from "node:events";
import { constants } from "node:os";
import { SEND_UNFINISHED } from "../../extension/core/wire/tap_identity.ts";
import { AddressCache } from "../../extension/taps/node/address_cache.ts";
import {
  findHandle,
  type SendRequest,
  type UdpHandle,
} from "../../extension/taps/node/internals.ts";
import type { Recorder } from "../../extension/taps/node/recorder.ts";
import { SocketObserver } from "../../extension/taps/node/socket_observer.ts";
import { SocketTaps } from "../../extension/taps/node/tap_socket.ts";
import { type CapturedFile, readFolder } from "./support/capture_folder.ts";
import { SmallWorld } from "./support/small_world.ts";

/** One for all tests, as for all sockets of a program: it stays in the classes. */
const taps = new SocketTaps();
const { name: bindName } = Socket.prototype.bind;

describe("a tapped socket", () => {
  let world: SmallWorld;
  let recorder: Recorder;
  let sockets: Socket[];

  beforeEach(() => {
    world = new SmallWorld();
    recorder = world.recorder();
    sockets = [];
  });

  afterEach(async () => {
    for (const socket of sockets) {
      const closed = once(socket, "close");
      try {
        socket.close();
        await closed;
      } catch {
        // Closed by its test.
      }
    }
    world.remove();
  });

  function create(type: "udp4" | "udp6" = "udp4"): Socket {
    const socket = createSocket(type);
    sockets.push(socket);
    return socket;
  }

  /** A socket of a runtime that has dgram in another form. */
  function createStranger(properties: object): Socket {
    const socket = Object.assign(new EventEmitter(), properties);
    return Object.setPrototypeOf(socket, Socket.prototype);
  }

  /** With `prepare`, what is below the socket is changed before the tap sees it. */
  function createTapped(type: "udp4" | "udp6" = "udp4", prepare = (_: Socket) => {}): Socket {
    const socket = create(type);
    prepare(socket);
    tap(socket);
    return socket;
  }

  function tap(socket: Socket): SocketObserver {
    const observer = new SocketObserver(socket, sockets.length, recorder, new AddressCache());
    taps.add(socket, observer);
    return observer;
  }

  async function bind(socket: Socket, host = "127.0.0.1"): Promise<number> {
    socket.bind(0, host);
    await once(socket, "listening");
    return socket.address().port;
  }

  function file(): CapturedFile {
    recorder.flush();
    const [only, ...others] = readFolder(world.folder);
    assert.ok(only, "nothing was recorded");
    assert.deepEqual(others, []);
    assert.deepEqual([only.problem, only.rest], [undefined, 0]);
    return only;
  }

  const datagrams = () =>
    file().datagrams.map(
      ({ direction, source, destination, payload, comment }) =>
        `${direction} ${source} > ${destination} ${payload.toString("latin1")}${comment}`,
    );

  it("records the bytes of whatever a program may send, as they arrive", async () => {
    const receiver = create();
    const port = await bind(receiver);
    const socket = createTapped();
    const words = new TextEncoder().encode("0123456789");
    const sent: [payload: unknown, bytes: string][] = [
      ["text ä", "text \xc3\xa4"],
      [Buffer.from("buffer"), "buffer"],
      [words.subarray(2, 5), "234"],
      [new DataView(words.buffer, 3, 2), "34"],
      [new Uint16Array(words.buffer, 4, 2), "4567"],
      [["in ", Buffer.from("three"), new DataView(words.buffer, 0, 2)], "in three01"],
      ["", ""],
      [[], ""],
    ];
    for (const [payload, bytes] of sent) {
      const received = once(receiver, "message");
      socket.send(payload as string, port, "127.0.0.1");
      const [arrived] = (await received) as [Buffer];
      assert.equal(arrived.toString("latin1"), bytes);
      assert.equal(file().datagrams.at(-1)?.payload.toString("latin1"), bytes);
    }
    assert.equal(file().datagrams.length, sent.length);
  });

  for (const [host, type] of [
    ["127.0.0.1", "udp4"],
    ["::1", "udp6"],
  ] as const) {
    it(`tells both ends of what comes and goes, connected and not, on ${host}`, async () => {
      const peer = create(type);
      const peerPort = await bind(peer, host);
      const socket = createTapped(type);
      const wildcard = type === "udp6" ? "::" : "0.0.0.0";
      const port = await bind(socket, wildcard);
      const named = (address: string, number: number) =>
        type === "udp6" ? `[${address}]:${number}` : `${address}:${number}`;
      const [any, here, there] = [named(wildcard, port), named(host, port), named(host, peerPort)];
      const exchange = async (send: () => void) => {
        const received = once(peer, "message");
        send();
        const [payload, from] = (await received) as [Buffer, RemoteInfo];
        const answered = once(socket, "message");
        peer.send(String(payload).toUpperCase(), from.port, from.address);
        await answered;
      };
      await exchange(() => socket.send("free", peerPort, host));
      socket.connect(peerPort, host);
      await once(socket, "connect");
      await exchange(() => socket.send("connected"));
      socket.disconnect();
      await exchange(() => socket.send("free again", peerPort, host));
      // Linux takes another port then.
      const anew = named(wildcard, socket.address().port);

      assert.deepEqual(datagrams(), [
        `out ${any} > ${there} free`,
        `in ${there} > ${any} FREE`,
        `out ${here} > ${there} connected`,
        `in ${there} > ${here} CONNECTED`,
        `out ${anew} > ${there} free again`,
        `in ${there} > ${anew} FREE AGAIN`,
      ]);
      assert.deepEqual(
        file().sockets.map(({ name }) => name),
        [any, here, anew],
      );
    });
  }

  it("has its real address from the moment on in which it is connected, before it sends", async () => {
    const peer = create();
    const peerPort = await bind(peer);
    const socket = createTapped();
    const port = await bind(socket, "0.0.0.0");
    socket.connect(peerPort, "127.0.0.1");
    await once(socket, "connect");
    const told = once(socket, "message");
    peer.send("first", port, "127.0.0.1");
    await told;
    assert.deepEqual(datagrams(), [`in 127.0.0.1:${peerPort} > 127.0.0.1:${port} first`]);
  });

  it("that was connected before the tap knew it is found to be so with its first send", async () => {
    const socket = create();
    const port = await bind(socket, "0.0.0.0");
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    tap(socket);
    const handle = findHandle(socket) as UdpHandle;
    const { getsockname } = handle;
    let asked = 0;
    handle.getsockname = (out) => {
      asked++;
      return getsockname.call(handle, out);
    };
    for (let sends = 1; sends <= 3; sends++) {
      await new Promise((sent) => socket.send("x", sent));
      assert.equal(asked, 1, "it is not asked each time");
    }
    assert.match(datagrams()[0] ?? "", /^out 127\.0\.0\.1:\d+ > 127\.0\.0\.1:\d+ x$/);
  });

  it("tells who controls it when it is bound, and when it is closed", async () => {
    const socket = create();
    const observer = tap(socket);
    const told: string[] = [];
    observer.onBound = () => told.push("bound");
    observer.onClosed = () => told.push("closed");
    await bind(socket);
    assert.deepEqual(told, ["bound"]);
    const closed = once(socket, "close");
    socket.close();
    await closed;
    assert.deepEqual(told, ["bound", "closed"]);
  });

  it("asks for the outcome of each send, whether the program does or not", async () => {
    const askedFor: unknown[] = [];
    const socket = createTapped("udp4", (below) => {
      const handle = findHandle(below);
      assert.ok(handle);
      handle.send = (_, list, ...words) => {
        askedFor.push(words.at(-1));
        return 1 + list.reduce((sum, { byteLength }) => sum + byteLength, 0);
      };
    });
    const port = await bind(socket);
    socket.send("x", port, "127.0.0.1");
    while (askedFor.length < 1) await new Promise(setImmediate);
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.send("x");
    while (askedFor.length < 2) await new Promise(setImmediate);
    assert.deepEqual(askedFor, [true, true]);
  });

  it("says why the system did not take a datagram, and how long it was where the headers cannot", async () => {
    const socket = createTapped();
    const port = await bind(socket);
    for (const [length, host] of [
      [65_508, "127.0.0.1"],
      [65_507, "255.255.255.255"],
      [0, "255.255.255.255"],
    ] as const) {
      await new Promise((sent) => socket.send(Buffer.alloc(length), port, host, sent));
    }
    assert.deepEqual(
      file().datagrams.map(({ comment, length, destination }) => [comment, length, destination]),
      [
        ["send failed: EMSGSIZE (65508 bytes)", 65_507, `127.0.0.1:${port}`],
        ["send failed: EACCES", 65_507, `255.255.255.255:${port}`],
        ["send failed: EACCES", 0, `255.255.255.255:${port}`],
      ],
    );
  });

  it("tells a send that the system queues once its outcome is known, or that nobody will know it", async () => {
    const requests: SendRequest[] = [];
    const socket = createTapped("udp4", (below) => {
      const handle = findHandle(below);
      assert.ok(handle);
      handle.send = (request) => {
        requests.push(request);
        return 0;
      };
    });
    const port = await bind(socket);
    const outcomes: unknown[] = [];
    for (const text of ["taken", "refused", "never told"]) {
      socket.send(text, port, "127.0.0.1", (...outcome) => outcomes.push([text, ...outcome]));
    }
    // dgram hands over what a program sends once the name is resolved.
    while (requests.length < 3) await new Promise(setImmediate);
    recorder.flush();
    assert.equal(file().datagrams.length, 0);
    const [taken, refused, untold] = requests;
    taken?.oncomplete?.(0, 5);
    refused?.oncomplete?.(-constants.errno.EMSGSIZE, undefined);
    assert.equal(outcomes.length, 2);
    recorder.finish();
    untold?.oncomplete?.(0, 10);
    const end = `127.0.0.1:${port}`;
    assert.deepEqual(datagrams(), [
      `out ${end} > ${end} taken`,
      `out ${end} > ${end} refusedsend failed: EMSGSIZE`,
      `out ${end} > ${end} never told${SEND_UNFINISHED}`,
    ]);
    assert.deepEqual(outcomes[0], ["taken", null, 5]);
  });

  it("takes no event for a datagram that a program has made up, and counts what it cannot read", async () => {
    const socket = create();
    const observer = tap(socket);
    const port = await bind(socket);
    const hostile = {
      get address(): string {
        throw new Error("the program's own");
      },
      get code(): string {
        throw new Error("the program's own");
      },
    };
    observer.sawSend(0, [Buffer.from("x")], port, "127.0.0.1", hostile);
    const from = { address: "127.0.0.1", port: 1, family: "IPv4", size: 1 };
    for (const [payload, sender] of [
      ["text", from],
      [Buffer.from("x"), undefined],
      [Buffer.from("x"), null],
      [Buffer.from("x"), { ...from, address: 5 }],
      [Buffer.from("x"), { ...from, port: "1" }],
      [Buffer.from("x"), { ...from, address: "no address" }],
      [Buffer.from("x"), hostile],
      [Buffer.from("whole"), from],
    ] as const) {
      // Nothing of this was on the network.
      socket.emit("message", payload as Buffer, sender as unknown as RemoteInfo);
      observer.sawMessage(8, payload, sender);
    }
    const closed = once(socket, "close");
    socket.close();
    await closed;
    assert.deepEqual(
      file().datagrams.map(({ payload, dropped }) => [String(payload), dropped]),
      [["whole", 3]],
    );
    assert.deepEqual(
      file().statistics.map(({ received, dropped }) => [received, dropped]),
      [[4, 3]],
    );
  });

  it("that cannot be bound is told at once, under the address that was tried", async () => {
    const taken = create();
    const port = await bind(taken);
    const socket = createTapped();
    socket.bind({ port, address: "127.0.0.1" });
    // Only what is an error may say so.
    socket.emit("news" as "close", { code: "ENEWS", syscall: "bind" });
    await once(socket, "error");
    // Not flushed by the test: somebody waits for it.
    const [captured] = readFolder(world.folder);
    assert.deepEqual(
      captured?.sockets.map(({ name, comments }) => [name, ...comments]),
      [[`127.0.0.1:${port}`, "bind failed: EADDRINUSE"]],
    );
    assert.ok(captured?.statistics[0]?.endTime);
    socket.once("error", () => {});
    socket.emit("error", new Error("of something else"));
    // It can be bound elsewhere, and an error after that says nothing about where it is bound.
    const free = await bind(socket);
    socket.once("error", () => {});
    socket.emit("error", Object.assign(new Error("no"), { code: "EADDRINUSE", syscall: "bind" }));
    assert.deepEqual(
      file().sockets.map(({ name, comments }) => [name, comments.length]),
      [
        [`127.0.0.1:${port}`, 1],
        [`127.0.0.1:${free}`, 0],
      ],
    );
    await Promise.all([
      once(socket, "message"),
      new Promise((sent) => socket.send("x", free, "127.0.0.1", sent)),
    ]);
    assert.equal(file().datagrams[0]?.dropped, 0);
  });

  it("that is bound to what is no address is not told", () => {
    const stranger = createStranger({
      address: () => ({ address: "/a/path", port: 9, family: "IPv4" }),
    });
    tap(stranger);
    stranger.emit("listening");
    recorder.flush();
    assert.throws(() => readFolder(world.folder), { code: "ENOENT" });
  });

  it("that was never to be bound has no failed bind", () => {
    const socket = createTapped();
    socket.on("error", () => {});
    socket.emit("error", Object.assign(new Error("no"), { code: "ENOTFOUND", hostname: "x" }));
    recorder.flush();
    assert.throws(() => readFolder(world.folder), { code: "ENOENT" });
  });

  for (const [where, state] of [
    ["nowhere", undefined],
    ["no object", 5],
    ["null", null],
    ["without a handle", {}],
    ["with a handle that does not send", { handle: { send: 5 } }],
    ["with no handle any more", { handle: null }],
  ] as const) {
    it(`of a runtime that the tap does not know is said to be: its state is ${where}`, () => {
      const stranger = createStranger({
        [Symbol("of something else")]: { handle: { send: () => 1 } },
        [Symbol("state symbol")]: state,
        address: () => ({ address: "127.0.0.1", port: 9, family: "IPv4" }),
      });
      tap(stranger);
      stranger.emit("listening");
      const [socket] = file().sockets;
      assert.equal(socket?.name, "127.0.0.1:9");
      assert.match(socket?.comments.join() ?? "", /sends are not recorded/);
    });
  }

  it("looks, returns and throws as before", async () => {
    const [plain, socket] = [create(), createTapped()];
    assert.equal(tapped(socket), true);
    assert.deepEqual(Reflect.ownKeys(socket), Reflect.ownKeys(plain));
    const [below, plainBelow] = [findHandle(socket), findHandle(plain)];
    assert.ok(below && plainBelow);
    assert.deepEqual(Reflect.ownKeys(below), Reflect.ownKeys(plainBelow));
    assert.deepEqual([socket.bind.name, socket.bind.length], [bindName, 2]);
    assert.deepEqual([below.send.name, below.send.length], ["send", 0]);
    const heard: unknown[] = [];
    assert.equal(socket.emit("message", Buffer.from("x"), {} as RemoteInfo), false);
    socket.on("message", function (this: Socket, ...words) {
      heard.push(this, ...words);
    });
    const payload = Buffer.from("x");
    const from = {} as RemoteInfo;
    assert.equal(socket.emit("message", payload, from), true);
    assert.equal(heard[0], socket);
    assert.deepEqual(heard.slice(1), [payload, from]);
    const broken = {
      get port(): number {
        throw new Error("the program's own");
      },
    };
    assert.throws(() => createTapped().bind(broken), /the program's own/);
    assert.equal(socket.bind(0, "127.0.0.1"), socket);
    await once(socket, "listening");
    assert.throws(() => socket.bind(0), { code: "ERR_SOCKET_ALREADY_BOUND" });
  });

  /** Whether anything is in place: else the test above would be none. */
  function tapped(socket: Socket): boolean {
    return !String(findHandle(socket)?.send).includes("[native code]");
  }
});
