// A UDP port that nobody has, for those who have to name one before they bind: programs that speak to a multicast group
// on a port of everybody's would hear, and be heard by, all that do the same on this machine.
const { createSocket } = require("node:dgram");
const { once } = require("node:events");

exports.freePort = async () => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  const closed = once(socket, "close");
  socket.close();
  await closed;
  return port;
};
