// A test's answer that was never on the network.
const dgram = require("node:dgram");
const socket = dgram.createSocket("udp4");
socket.on("message", (payload, { address }) => {
  console.log(String(payload), address);
  socket.close();
});
socket.bind(0, "127.0.0.1", () => {
  const from = { address: "10.9.8.7", port: 53, family: "IPv4", size: 8 };
  socket.emit("message", Buffer.from("injected"), from);
});
