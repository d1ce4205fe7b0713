// Puts its own in place of process.emit, as signal-exit and tsx do, and ends by itself with an open socket.
const dgram = require("node:dgram");
const { emit } = process;
if (process.argv[2] === "before") replace();
const socket = dgram.createSocket("udp4");
if (process.argv[2] === "after") replace();
socket.unref();
socket.bind(0, "127.0.0.1");
socket.send("last", 9, "127.0.0.1");
setTimeout(() => {}, 5);

function replace() {
  process.emit = function (name, ...rest) {
    if (name === "exit") console.log("mine", Object.hasOwn(process, "emit"));
    return emit.call(this, name, ...rest);
  };
}
