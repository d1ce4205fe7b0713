// A daemon: binds as root, then gives its rights up.
const dgram = require("node:dgram");
const socket = dgram.createSocket("udp4");
let heard = 0;
socket.on("message", () => {
  if (++heard === 3) socket.close();
  else socket.send("next", socket.address().port, "127.0.0.1");
});
socket.bind(0, "127.0.0.1", () => {
  process.setgid(65534);
  process.setuid(65534);
  console.log("uid", process.getuid());
  setTimeout(() => socket.send("first", socket.address().port, "127.0.0.1"), 50);
});
