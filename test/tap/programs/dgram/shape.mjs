// The socket as an object: what it is, shows and keeps alive.
import { Socket } from "node:dgram";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { inspect } from "node:util";
import { HOST, received, silence, uncaught } from "./support.mjs";

export const shapeCases = {
  async "instanceof, listeners, own keys"({ log, open }) {
    const socket = open("udp4", () => {});
    log(socket instanceof Socket, socket.constructor === Socket, socket.type);
    log(socket.listenerCount("message"), socket.eventNames(), Object.keys(socket).sort());
    log(socket.listeners("close").length, socket.listeners("listening").length);
    log(typeof socket.emit, socket.emit("nothing"), socket.send === Socket.prototype.send);
    log(JSON.stringify(Object.keys({ ...socket }).sort()));
  },

  async "a subclass sees its own emit and send"({ log, bound }) {
    class Loud extends Socket {
      emit(event, ...rest) {
        if (event === "message") log("emit", String(rest[0]));
        return super.emit(event, ...rest);
      }
      send(...parameters) {
        log("send", parameters.length);
        return super.send(...parameters);
      }
    }
    const loud = new Loud("udp4");
    loud.bind(0, HOST);
    await once(loud, "listening");
    const other = await bound();
    const heard = received(loud);
    other.send("hey", loud.address().port, HOST);
    log(...(await heard));
    const answered = received(other);
    loud.send("ho", other.address().port, HOST);
    log(...(await answered));
    loud.close();
  },

  async "a listener that throws is an uncaught exception"({ log, bound }) {
    const socket = await bound();
    socket.once("message", () => {
      throw new RangeError("out of the listener");
    });
    const caught = uncaught();
    socket.send("x", socket.address().port, HOST);
    // Deno swallows it.
    const error = await Promise.race([caught, silence()]);
    log(error instanceof RangeError, String(error));
  },

  async "an error event without a listener is an uncaught exception"({ log, open, bound }) {
    const first = await bound();
    const second = open("udp4");
    const caught = uncaught();
    second.bind(first.address().port, HOST);
    log((await caught).code);
  },

  async "what console.log and Object.keys show"({ log, open, bound }) {
    for (const socket of [open("udp4"), await bound()]) {
      for (const depth of [0, 3]) log(inspect(socket, { depth }).replace(/\d+/g, "N"));
      log(Object.keys(socket), Object.getOwnPropertySymbols(socket).map(String));
      log(Object.getPrototypeOf(socket) === Socket.prototype);
      for (const { name, length } of [socket.emit, socket.bind, socket.send]) log(name, length);
    }
  },

  async "Socket with new, and with a listener as second argument"({ log }) {
    const socket = new Socket("udp4", () => log("heard"));
    socket.bind(0, HOST);
    await once(socket, "listening");
    const heard = once(socket, "message");
    socket.send("x", socket.address().port, HOST);
    await heard;
    socket.close();
  },

  async "a program's own emit and send on one socket, and back again"({ log, bound }) {
    const socket = await bound();
    const { emit, send } = socket;
    socket.emit = function (event, ...rest) {
      log("emit", event);
      return emit.call(this, event, ...rest);
    };
    socket.send = function (...parameters) {
      log("send", parameters.length);
      return send.apply(this, parameters);
    };
    const first = received(socket);
    socket.send("mine", socket.address().port, HOST);
    log(...(await first));
    socket.emit = emit;
    delete socket.send;
    const second = received(socket);
    socket.send("as ever", socket.address().port, HOST);
    log(...(await second));
  },

  async "the program's own subscription to udp.socket hears each socket once"({ log, open }) {
    const heard = [];
    const listener = ({ socket }) => heard.push(socket);
    subscribe("udp.socket", listener);
    const socket = open("udp4");
    log(heard.length, heard[0] === socket);
    unsubscribe("udp.socket", listener);
  },

  async "what keeps the process alive"({ log, open, bound }) {
    const resources = () =>
      (process.getActiveResourcesInfo?.() ?? []).filter((name) => /udp|timeout/i.test(name)).sort();
    log(resources());
    const socket = await bound();
    const heard = received(socket);
    socket.send("x", socket.address().port, HOST);
    await heard;
    log(resources());
    socket.unref();
    log(resources());
    open("udp4").unref();
    log(resources());
  },
};
