// Loads `domain` after it has made its socket: an error in a listener goes to the domain.
const dgram = require("node:dgram");
const socket = dgram.createSocket("udp4");
const group = require("node:domain").create();
group.add(socket);
group.on("error", ({ message }) => {
  console.log("domain:", message);
  socket.close();
});
process.on("uncaughtException", ({ message }) => {
  console.log("uncaught:", message);
  socket.close();
});
socket.on("message", () => {
  throw new Error("from a listener");
});
socket.bind(0, "127.0.0.1", () => socket.send("x", socket.address().port, "127.0.0.1"));
