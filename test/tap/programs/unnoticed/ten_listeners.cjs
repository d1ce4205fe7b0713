// Has as many listeners as nobody warns of.
const dgram = require("node:dgram");
const socket = dgram.createSocket("udp4");
for (let count = 0; count < 10; count++) process.on("exit", () => {});
socket.on("message", () => socket.close());
socket.bind(0, "127.0.0.1", () => {
  socket.send("x", socket.address().port, "127.0.0.1");
  setTimeout(() => console.log(process.listenerCount("exit")), 150);
});
