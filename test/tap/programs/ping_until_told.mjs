// Sends itself a datagram every few milliseconds until SIGINT; prints "ready" with the first that arrives.
import dgram from "node:dgram";
import { once } from "node:events";

const socket = dgram.createSocket("udp4");
socket.bind(0, "127.0.0.1");
await once(socket, "listening");
socket.once("message", () => console.log("ready"));
const timer = setInterval(() => socket.send("ping", socket.address().port, "127.0.0.1"), 5);
process.once("SIGINT", () => {
  clearInterval(timer);
  socket.close();
});
