// Patches the classes after the socket was made, as spies and instrumentation do, and counts what they see.
const dgram = require("node:dgram");
const { EventEmitter } = require("node:events");
const socket = dgram.createSocket("udp4");
const seen = [];
for (const [object, names] of [
  [EventEmitter.prototype, ["emit"]],
  [dgram.Socket.prototype, ["bind", "send", "address", "remoteAddress", "close"]],
]) {
  for (const name of names) {
    const original = object[name];
    object[name] = function (...args) {
      if (this === socket) seen.push(name === "emit" ? `emit ${args[0]}` : name);
      return original.apply(this, args);
    };
  }
}
socket.on("message", () => socket.close(() => console.log(seen.join())));
socket.bind(0, "127.0.0.1", () => {
  const { port } = socket.address();
  socket.connect(port, "127.0.0.1", () => socket.send("x"));
});
