// Receiving: messages, senders, listeners.
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter, errorMonitor, on, once } from "node:events";
import { BlockList } from "node:net";
import { HOST, received, silence } from "./support.mjs";

export const receiveCases = {
  async "message and rinfo"({ log, open, bound }) {
    const receiver = await bound();
    const sender = open("udp4");
    sender.send("Michael", receiver.address().port, HOST);
    const [payload, from] = await once(receiver, "message");
    log(Buffer.isBuffer(payload), String(payload), Object.keys(from).sort());
    log(from.address, from.family, from.size, from.port === sender.address().port);
  },

  async IPv6({ log, open }) {
    const receiver = open("udp6");
    receiver.bind(0, "::1");
    await once(receiver, "listening");
    const sender = open("udp6");
    sender.send("six", receiver.address().port, "::1");
    const [payload, from] = await once(receiver, "message");
    log(String(payload), from.address, from.family);
    log(receiver.address().address, receiver.address().family);
  },

  async "an IPv4 peer of a dual-stack socket has a mapped address"({ log, open }) {
    const receiver = open("udp6");
    receiver.bind(0, "::");
    await once(receiver, "listening");
    const sender = open("udp4");
    sender.send("four", receiver.address().port, HOST);
    const [payload, from] = await once(receiver, "message");
    log(String(payload), from.address, from.family);
    const answered = received(sender);
    receiver.send("to four", from.port, from.address);
    log(...(await answered));
  },

  async "async iteration with events.on"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    const stop = new AbortController();
    for (const text of ["1", "2", "3"]) sender.send(text, receiver.address().port, HOST);
    const seen = [];
    for await (const [payload] of on(receiver, "message", { signal: stop.signal })) {
      seen.push(String(payload));
      if (seen.length === 3) break;
    }
    log(seen.sort());
  },

  async "a socket bound to its own address can send to itself"({ log, bound }) {
    const socket = await bound();
    const heard = received(socket);
    socket.send("self", socket.address().port, HOST);
    log(...(await heard));
  },

  async "receiveBlockList drops before the program sees it"({ log, open }) {
    const receiveBlockList = new BlockList();
    receiveBlockList.addAddress(HOST);
    const socket = open({ type: "udp4", receiveBlockList });
    socket.bind(0, HOST);
    await once(socket, "listening");
    socket.send("x", socket.address().port, HOST);
    // Node 20 does not know the option.
    log(await Promise.race([received(socket), silence()]));
  },

  async "each message has bytes of its own"({ log, bound }) {
    const socket = await bound();
    const kept = [];
    socket.on("message", (payload) => kept.push(payload));
    for (const text of ["first", "second"]) {
      const arrived = once(socket, "message");
      socket.send(text, socket.address().port, HOST);
      await arrived;
    }
    kept[1].fill("x");
    log(kept.map(String));
  },

  async "listeners: this, order, once, prepend, remove, newListener"({ log, open }) {
    const socket = open("udp4");
    socket.on("newListener", (event) => log("newListener", event));
    socket.on("removeListener", (event) => log("removeListener", event));
    const never = () => log("never");
    socket.on("message", never);
    socket.once("message", function (payload) {
      log("once", this === socket, String(payload));
    });
    socket.prependListener("message", () => log("first"));
    socket.off("message", never);
    socket.bind(0, HOST);
    await once(socket, "listening");
    for (const text of ["one", "two"]) {
      const arrived = once(socket, "message");
      socket.send(text, socket.address().port, HOST);
      await arrived;
    }
    log(socket.listenerCount("message"), socket.rawListeners("message").length);
  },

  async "a message of the program's own, with anything in it"({ log, bound }) {
    const socket = await bound();
    log(socket.emit("message", "nobody listens"));
    socket.on("message", (...parameters) => log("message", parameters));
    for (const parameters of [
      [],
      [null, null],
      ["text", { port: 1 }],
      [Buffer.from("x")],
      [Buffer.from("x"), { address: "nonsense", port: "9" }],
      [new Uint8Array(2), { address: "10.0.0.1", family: "IPv4", port: 9, size: 2 }, "more"],
    ]) {
      log(socket.emit("message", ...parameters));
    }
  },

  async "an async listener that fails is an error event with captureRejections"({ log, bound }) {
    EventEmitter.captureRejections = true;
    try {
      const socket = await bound();
      socket.on("message", async () => {
        throw new RangeError("rejected");
      });
      const failed = once(socket, "message").catch(() => {});
      const error = new Promise((resolve) => socket.on("error", resolve));
      socket.send("x", socket.address().port, HOST);
      await failed;
      log(String(await error));
    } finally {
      EventEmitter.captureRejections = false;
    }
  },

  async "errorMonitor hears an error first"({ log, bound, open }) {
    const first = await bound();
    const second = open("udp4");
    second.on("error", ({ code }) => log("error", code));
    second.on(errorMonitor, ({ code }) => log("monitor", code));
    second.bind(first.address().port, HOST);
    await once(second, "error");
  },

  async "AsyncLocalStorage follows callbacks and not messages of others"({ log, bound }) {
    const store = new AsyncLocalStorage();
    const socket = await bound();
    const { port } = socket.address();
    await store.run("inside", async () => {
      const arrived = once(socket, "message");
      await new Promise((resolve) => {
        socket.send("x", port, HOST, () => resolve(log("callback", store.getStore())));
      });
      await arrived;
      log("await", store.getStore());
    });
    log("outside", store.getStore());
  },
};
