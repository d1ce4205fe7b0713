// Binding: forms, errors, shared ports, order.
import { once } from "node:events";
import { bindOutcome, failingLookup, HOST, logThrown, messages, silence } from "./support.mjs";

export const bindCases = {
  async "bind, listening and address()"({ log, open }) {
    const socket = open("udp4");
    log("returns itself", socket.bind(0, HOST, () => log("callback")) === socket);
    await once(socket, "listening");
    const { address, family, port } = socket.address();
    log(address, family, port > 0);
  },

  async "bind without arguments takes the wildcard"({ log, open }) {
    for (const type of ["udp4", "udp6"]) {
      const socket = open(type);
      socket.bind();
      await once(socket, "listening");
      log(socket.address().address);
    }
  },

  async "bind with an options object"({ log, open }) {
    const socket = open({ type: "udp4", reuseAddr: true });
    socket.bind({ port: 0, address: HOST, exclusive: true });
    await once(socket, "listening");
    log(socket.address().address);
  },

  async "bind twice throws"({ log, open, bound }) {
    const socket = await bound();
    logThrown(log, () => socket.bind(0));
    logThrown(log, () => open("udp5"));
  },

  async "EADDRINUSE arrives as an error event, and another port can be tried"({
    log,
    open,
    bound,
  }) {
    const first = await bound();
    const second = open("udp4");
    second.bind(first.address().port, HOST);
    const [error] = await once(second, "error");
    log(error instanceof Error, error.code, error.syscall, error.address);
    second.bind(0, HOST);
    await once(second, "listening");
    log(second.address().address);
  },

  async "a host name that does not resolve: bind"({ log, open }) {
    const socket = open({ type: "udp4", lookup: failingLookup });
    socket.bind(0, "nowhere.invalid");
    const [error] = await once(socket, "error");
    log(error.code, error.hostname);
  },

  async "bind in each form"({ log, open }) {
    const forms = [
      (socket) => socket.bind(() => log("callback")),
      (socket) => socket.bind(0, () => log("callback")),
      (socket) => socket.bind(undefined),
      (socket) => socket.bind(null),
      (socket) => socket.bind("0", HOST),
      (socket) => socket.bind(0, undefined, () => log("callback")),
      (socket) => socket.bind(0, ""),
      (socket) => socket.bind({}),
      (socket) => socket.bind({ address: HOST }, () => log("callback")),
      (socket) => socket.bind({ port: 0, address: HOST, exclusive: false }),
    ];
    for (const bind of forms) {
      const socket = open("udp4");
      log(bind(socket) === socket);
      // Deno does not know each of them.
      const event = await bindOutcome(socket);
      log(event);
      if (event === "listening") log(socket.address().address, socket.address().port > 0);
    }
  },

  async "bind with a wrong port throws"({ log, open }) {
    for (const port of [-1, 65_536, 1.5, "x", Number.NaN]) {
      logThrown(log, () => typeof open("udp4").bind(port, HOST));
    }
  },

  async "bind to an address that is not here is an error event"({ log, open }) {
    const socket = open("udp4");
    socket.bind(0, "192.0.2.1");
    const [error] = await once(socket, "error");
    log(error.code, error.syscall);
  },

  async "bind to a file descriptor that is no socket"({ log, open }) {
    const socket = open("udp4");
    const failed = once(socket, "error");
    logThrown(log, () => socket.bind({ fd: 0 }) === socket);
    const result = await Promise.race([failed, silence()]);
    log(result === "nothing" ? result : result[0].code);
  },

  async "reuseAddr: two sockets on one port"({ log, open }) {
    const first = open({ type: "udp4", reuseAddr: true });
    first.bind(0, HOST);
    await once(first, "listening");
    const second = open({ type: "udp4", reuseAddr: true });
    second.bind(first.address().port, HOST);
    await once(second, "listening");
    log(first.address().port === second.address().port);
  },

  async "reusePort: two sockets on one port"({ log, open }) {
    const first = open({ type: "udp4", reusePort: true });
    first.bind(0, HOST);
    await once(first, "listening");
    const second = open({ type: "udp4", reusePort: true });
    second.bind(first.address().port, HOST);
    log(await bindOutcome(second));
  },

  async "ipv6Only leaves IPv4 to others"({ log, open }) {
    const six = open({ type: "udp6", ipv6Only: true });
    six.bind(0, "::");
    await once(six, "listening");
    const four = open("udp4");
    four.bind(six.address().port, "0.0.0.0");
    log(await bindOutcome(four));
  },

  async "address() before bind"({ log, open }) {
    logThrown(log, () => open("udp4").address());
  },

  async "a send in the listening callback, and one before bind"({ log, open, bound }) {
    const receiver = await bound();
    const { port } = receiver.address();
    const arrived = messages(receiver, 2);
    const socket = open("udp4");
    socket.bind(0, HOST, () => socket.send("from the callback", port, HOST));
    socket.send("queued", port, HOST);
    log((await arrived).sort());
  },

  async "the order of listening, callback, tick, promise and immediate"({ log, open }) {
    const socket = open("udp4");
    socket.on("listening", () => log("event"));
    socket.bind(0, HOST, () => log("callback"));
    log("after bind");
    await once(socket, "listening");
    const step = [];
    socket.once("close", () => step.push("close"));
    socket.close(() => step.push("callback"));
    process.nextTick(() => step.push("tick"));
    Promise.resolve().then(() => step.push("promise"));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    log(step);
  },

  async "a lookup of one's own is asked for the address"({ log, open }) {
    const asked = [];
    const socket = open({
      type: "udp4",
      lookup: (hostname, family, callback) => {
        asked.push([hostname, family, typeof callback]);
        process.nextTick(callback, null, HOST, 4);
      },
    });
    socket.bind(0, "anything.invalid");
    await once(socket, "listening");
    log(socket.address().address, asked);
    logThrown(log, () => open({ type: "udp4", lookup: "no function" }));
  },
};
