// A test that `node --test` and `bun test` measure the coverage of; over within a moment.
const test = process.versions.bun ? require("bun:test").test : require("node:test").test;
const dgram = require("node:dgram");
const { once } = require("node:events");
test("echo", async () => {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const heard = once(socket, "message");
  socket.send("x", socket.address().port, "127.0.0.1");
  await heard;
  socket.close();
});
