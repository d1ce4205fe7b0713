// Removes all listeners, also of others, and ends in the callback of its last send.
const dgram = require("node:dgram");
const socket = dgram.createSocket("udp4");
socket.bind(0, "127.0.0.1", () => {
  for (const name of process.eventNames()) process.removeAllListeners(name);
  socket.send("last", socket.address().port, "127.0.0.1", () => process.exit(0));
});
