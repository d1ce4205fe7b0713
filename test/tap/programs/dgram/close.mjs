// Closing: callbacks, events, what throws afterwards.
import { once } from "node:events";
import { HOST, logThrown, received, silence } from "./support.mjs";

export const closeCases = {
  async "close right after send: what was queued for the bind is sent"({ log, open, bound }) {
    const receiver = await bound();
    const sender = open("udp4");
    const arrived = received(receiver);
    sender.send("last words", receiver.address().port, HOST, (error) => log("callback", error));
    log(sender.close() === sender);
    await once(sender, "close");
    log("closed");
    const winner = await Promise.race([arrived, silence()]);
    log(winner);
  },

  async "close: callback, event, and errors afterwards"({ log, bound }) {
    const socket = await bound();
    socket.on("close", (...parameters) => log("close", parameters));
    await new Promise((resolve) => {
      log(socket.close(() => resolve(log("callback"))) === socket);
    });
    logThrown(log, () => socket.close());
    logThrown(log, () => socket.send("x", 9, HOST));
    logThrown(log, () => socket.address());
  },

  async "AbortSignal closes the socket"({ log, open }) {
    const controller = new AbortController();
    const socket = open({ type: "udp4", signal: controller.signal });
    socket.bind(0, HOST);
    await once(socket, "listening");
    controller.abort();
    await once(socket, "close");
    log("closed");
    const stillborn = open({ type: "udp4", signal: AbortSignal.abort() });
    await once(stillborn, "close");
    log("closed at once");
  },

  async "close in the listening callback, and before it"({ log, open }) {
    const first = open("udp4");
    first.bind(0, HOST, () => first.close(() => log("closed in the callback")));
    await once(first, "close");
    const second = open("udp4");
    second.on("listening", () => log("listening"));
    second.bind(0, HOST);
    second.close();
    await once(second, "close");
    log("closed before listening");
    const third = open("udp4");
    log(third.close() === third);
    await once(third, "close");
    log("closed without bind");
  },

  async "close in the message listener"({ log, bound }) {
    const socket = await bound();
    const { port } = socket.address();
    socket.on("message", (payload) => {
      log(String(payload));
      socket.close();
    });
    const closed = once(socket, "close");
    socket.send("1", port, HOST);
    socket.send("2", port, HOST);
    await closed;
    await silence();
  },

  async "each method after close"({ log, bound }) {
    const socket = await bound();
    socket.close();
    await once(socket, "close");
    for (const action of [
      () => socket.bind(0),
      () => socket.setTTL(1),
      () => socket.setBroadcast(true),
      () => socket.setMulticastTTL(1),
      () => socket.setMulticastLoopback(true),
      () => socket.addMembership("239.1.2.3"),
      () => socket.getRecvBufferSize(),
      () => socket.ref() === socket,
      () => socket.unref() === socket,
    ]) {
      logThrown(log, action);
    }
  },

  async "Symbol.asyncDispose closes"({ log, bound }) {
    const socket = await bound();
    log(typeof socket[Symbol.asyncDispose]);
    if (!socket[Symbol.asyncDispose]) return;
    let isClosed = false;
    socket.on("close", () => {
      isClosed = true;
    });
    log(await socket[Symbol.asyncDispose](), isClosed);
    // A second time it has nothing to do.
    log(await socket[Symbol.asyncDispose]());
  },

  async "AbortSignal: while it binds, after close, and what is none"({ log, open }) {
    const controller = new AbortController();
    const socket = open({ type: "udp4", signal: controller.signal });
    socket.on("listening", () => log("listening"));
    socket.on("error", ({ name }) => log("error", name));
    const closed = once(socket, "close");
    socket.bind(0, HOST);
    controller.abort(new Error("a reason"));
    await closed;
    const late = new AbortController();
    const done = open({ type: "udp4", signal: late.signal });
    done.close();
    await once(done, "close");
    late.abort();
    logThrown(log, () => open({ type: "udp4", signal: {} }));
  },
};
