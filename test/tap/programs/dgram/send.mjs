// Sending: forms, misuse, callbacks, order, names.
import { once } from "node:events";
import { BlockList } from "node:net";
import { promisify } from "node:util";
import {
  failingLookup,
  HOST,
  logThrown,
  messages,
  nameOnlyLookup,
  outcome,
  received,
  silence,
  uncaught,
} from "./support.mjs";

export const sendCases = {
  async "a host name that does not resolve: send with and without callback"({ log, open }) {
    const socket = open({ type: "udp4", lookup: failingLookup });
    const errors = once(socket, "error");
    socket.bind(0);
    // The wildcard goes through the failing lookup too.
    log("bind", (await errors)[0].code);
    const sender = open({ type: "udp4", lookup: nameOnlyLookup });
    sender.bind(0, HOST);
    await once(sender, "listening");
    sender.send("x", 9, "nowhere.invalid", (error) => log("callback", error.code));
    sender.send("y", 9, "nowhere.invalid");
    log("event", (await once(sender, "error"))[0].code);
  },

  async "a host name that resolves"({ log, open, bound }) {
    const receiver = await bound();
    const sender = open({ type: "udp4", lookup: nameOnlyLookup });
    sender.send("by name", receiver.address().port, "here.invalid");
    log(...(await received(receiver)));
  },

  async "all forms of send on an unconnected socket"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    const { port } = receiver.address();
    const bytes = Buffer.from("0123456789");
    const forms = [
      () => sender.send("text", port, HOST),
      () => sender.send("text äöü", port, HOST, () => {}),
      () => sender.send(bytes, port, HOST),
      () => sender.send(bytes, port),
      () => sender.send(bytes, port, () => {}),
      () => sender.send(bytes, 2, 3, port, HOST),
      () => sender.send(bytes, 2, 3, port, HOST, () => {}),
      () => sender.send(bytes, 2, 3, port),
      () => sender.send("0123456789", 4, 2, port, HOST),
      () => sender.send(new Uint8Array([65, 66, 67]), port, HOST),
      () => sender.send(new Uint16Array([0x4142, 0x4344]), port, HOST),
      () => sender.send(new DataView(new Uint8Array([65, 66, 67, 68]).buffer, 1, 2), port, HOST),
      () => sender.send(["a", Buffer.from("b"), new Uint8Array([99])], port, HOST),
      () => sender.send([], port, HOST),
      () => sender.send("", port, HOST),
      () => sender.send(Buffer.alloc(0), 0, 0, port, HOST),
    ];
    for (const send of forms) {
      const arrived = received(receiver);
      log(send());
      log(...(await arrived));
    }
  },

  async "all forms of send on a connected socket"({ log, bound, open }) {
    const receiver = await bound();
    const sender = open("udp4");
    sender.connect(receiver.address().port, HOST);
    await once(sender, "connect");
    const bytes = Buffer.from("0123456789");
    const forms = [
      () => sender.send("text"),
      () => sender.send("text", () => {}),
      () => sender.send(bytes),
      () => sender.send(bytes, 2, 3),
      () => sender.send(bytes, 2, 3, () => {}),
      () => sender.send(["a", "b"]),
      () => sender.send([]),
      () => sender.send(new Uint16Array([0x4142])),
    ];
    for (const send of forms) {
      const arrived = received(receiver);
      log(send());
      log(...(await arrived));
    }
    logThrown(log, () => sender.send("x", receiver.address().port, HOST));
  },

  async "send with a wrong argument throws"({ log, bound }) {
    const socket = await bound();
    logThrown(log, () => socket.send(5, 9, HOST));
    logThrown(log, () => socket.send("x", 0, HOST));
    logThrown(log, () => socket.send("x", 70000, HOST));
    logThrown(log, () => socket.send("x"));
    logThrown(log, () => socket.send([1], 9, HOST));
    logThrown(log, () => socket.send("x", 9, 5));
    logThrown(log, () => socket.send(Buffer.alloc(2), 1, 5, 9, HOST));
  },

  async "arguments of the callback"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    const { port } = receiver.address();
    await new Promise((resolve) => {
      sender.send("12345", port, HOST, function (...results) {
        log(results, new.target === undefined);
        resolve();
      });
    });
    await new Promise((resolve) => {
      sender.send(["12", "345", ""], port, HOST, (...results) => resolve(log(results)));
    });
  },

  async "sends before the socket is bound arrive in order, once each"({ log, open, bound }) {
    const receiver = await bound();
    const sender = open("udp4");
    const { port } = receiver.address();
    const arrived = messages(receiver, 3);
    sender.send("1", port, HOST);
    sender.send("2", port, HOST, (error, bytes) => log("callback", error, bytes));
    sender.send("3", port, HOST);
    log(await arrived);
  },

  async "EMSGSIZE with a callback, and silence without"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    const { port } = receiver.address();
    const huge = Buffer.alloc(70_000);
    sender.on("error", (error) => log("error event", error.code));
    await new Promise((resolve) => {
      sender.send(huge, port, HOST, (error, sent) => {
        log(error.code, error.syscall, error.address, error.port === port, sent);
        resolve();
      });
    });
    log(sender.send(huge, port, HOST));
    await silence();
  },

  async "0 and 65,507 bytes"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    for (const length of [0, 65_507]) {
      const arrived = once(receiver, "message");
      const payload = Buffer.alloc(length, "ab");
      sender.send(payload, receiver.address().port, HOST, (error, sent) => log(error, sent));
      const [message, from] = await arrived;
      log(message.length, from.size, message.equals(payload));
    }
  },

  async "promisified send"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    const send = promisify(sender.send.bind(sender));
    log(await send("promised", receiver.address().port, HOST));
    log(await send(Buffer.alloc(70_000), receiver.address().port, HOST).catch(({ code }) => code));
  },

  async "offset and length that do not fit throw"({ log, bound }) {
    const socket = await bound();
    const { port } = socket.address();
    const bytes = Buffer.from("12345");
    for (const [offset, length] of [
      [-1, 2],
      [0, 6],
      [5, 1],
      [6, 0],
      [2, 4],
      [1.5, 2],
      ["1", 2],
      [0, Number.NaN],
    ]) {
      logThrown(log, () => socket.send(bytes, offset, length, port, HOST));
    }
    log(await Promise.race([received(socket), silence()]));
  },

  async "wrong callbacks, addresses and parts"({ log, bound }) {
    const socket = await bound();
    const { port } = socket.address();
    const heard = messages(socket, 3);
    logThrown(log, () => socket.send("1", port, HOST, "no function"));
    logThrown(log, () => socket.send("2", String(port), HOST));
    logThrown(log, () => socket.send("3", port, null));
    logThrown(log, () => socket.send("4", port, {}));
    logThrown(log, () => socket.send(["a", 5], port, HOST));
    logThrown(log, () => socket.send(null, port, HOST));
    logThrown(log, () => socket.send());
    log(await Promise.race([heard, silence()]));
  },

  async "a payload may be changed once send has returned"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    const arrived = received(receiver);
    const payload = Buffer.from("before");
    await outcome(sender, payload, receiver.address().port, HOST);
    payload.fill("x");
    log(...(await arrived));
  },

  async "one buffer for all answers"({ log, bound }) {
    const shared = Buffer.alloc(4);
    const server = await bound();
    server.on("message", (payload, from) => {
      shared.write(String(payload).padEnd(4, "!"));
      server.send(shared, 0, payload.length + 1, from.port, from.address);
    });
    const client = await bound();
    for (const text of ["a", "bc", "def"]) {
      const answered = received(client);
      client.send(text, server.address().port, HOST);
      log(...(await answered));
    }
  },

  async "a hundred sends: each callback once, in order"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    const { port } = receiver.address();
    const arrived = messages(receiver, 100);
    const called = [];
    await new Promise((resolve) => {
      for (let number = 0; number < 100; number++) {
        sender.send(String(number), port, HOST, (error, bytes) => {
          if (called.push([number, error, bytes]) === 100) resolve();
        });
      }
    });
    // Deno sends each in a task of its own.
    log(called.sort(([a], [b]) => a - b));
    log((await arrived).sort());
  },

  async "the order of callback, tick, promise and immediate"({ log, bound }) {
    const socket = await bound();
    const steps = [];
    const sent = new Promise((resolve) => {
      socket.send("x", socket.address().port, HOST, () => resolve(steps.push("callback")));
    });
    steps.push("after send");
    process.nextTick(() => steps.push("tick"));
    Promise.resolve().then(() => steps.push("promise"));
    await sent;
    log(steps);
  },

  async "a callback that sends again, and one that closes"({ log, bound }) {
    const receiver = await bound();
    const sender = await bound();
    const { port } = receiver.address();
    const arrived = messages(receiver, 3);
    const closed = once(sender, "close");
    sender.send("1", port, HOST, () => {
      sender.send("2", port, HOST, () => {
        sender.send("3", port, HOST, () => sender.close());
      });
    });
    log(await arrived);
    await closed;
  },

  async "a callback that throws is an uncaught exception"({ log, bound }) {
    const socket = await bound();
    const caught = uncaught();
    socket.send("x", socket.address().port, HOST, () => {
      throw new RangeError("out of the callback");
    });
    const error = await Promise.race([caught, silence()]);
    log(String(error));
  },

  async "an IPv6 address on an IPv4 socket, and broadcast without the right to it"({ log, bound }) {
    const socket = await bound();
    log(await outcome(socket, "x", 9, "::1"));
    log(await outcome(socket, "x", 9, "255.255.255.255"));
    log(await outcome(socket, "x", 9, "not a host name"));
  },

  async "no error event for a send that has a callback"({ log, bound }) {
    const socket = await bound();
    socket.on("error", ({ code }) => log("event", code));
    log(await outcome(socket, Buffer.alloc(70_000), 9, HOST));
    await silence();
  },

  async "getSendQueueSize and getSendQueueCount"({ log, bound, open }) {
    const socket = await bound();
    // Deno does not have these two.
    log(socket.getSendQueueSize?.(), socket.getSendQueueCount?.());
    for (let index = 0; index < 5; index++) socket.send("12345", socket.address().port, HOST);
    log(socket.getSendQueueSize?.(), socket.getSendQueueCount?.());
    logThrown(log, () => open("udp4").getSendQueueSize?.());
  },

  async "lookup is asked for names and addresses alike, once each"({ log, open }) {
    const asked = [];
    const socket = open({
      type: "udp4",
      lookup: (hostname, _family, callback) => {
        asked.push(hostname);
        process.nextTick(callback, null, HOST, 4);
      },
    });
    socket.bind(0, HOST);
    await once(socket, "listening");
    const { port } = socket.address();
    for (const name of ["a.invalid", HOST, undefined, "b.invalid"]) {
      const arrived = received(socket);
      socket.send(`to ${name}`, port, name);
      log(...(await arrived));
    }
    log(asked);
  },

  async "sendBlockList refuses"({ log, open }) {
    const sendBlockList = new BlockList();
    sendBlockList.addAddress(HOST);
    const socket = open({ type: "udp4", sendBlockList });
    socket.bind(0, HOST);
    await once(socket, "listening");
    // Node 20 does not know the option.
    log(await outcome(socket, "x", socket.address().port, HOST));
    log(await Promise.race([received(socket), silence()]));
  },
};
