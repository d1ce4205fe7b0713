// Moves to another folder and takes the clock, the timers and the file system away, as a program's own tests may
// do; then sends itself a datagram.
const fs = require("node:fs");
// Deno would want the right to read for it.
if (!globalThis.Deno) process.chdir("/");
for (const [owner, names] of [
  [fs, ["existsSync", "mkdirSync", "openSync", "readdirSync", "statSync", "writeSync"]],
  [Date, ["now"]],
  [performance, ["now"]],
  [process, ["hrtime"]],
  [globalThis, ["setTimeout"]],
]) {
  for (const name of names) owner[name] = () => 0;
}
const socket = require("node:dgram").createSocket("udp4");
socket.bind(0, "127.0.0.1", () => socket.send("real", socket.address().port, "127.0.0.1"));
socket.once("message", () => socket.close());
