import { createSocket } from "node:dgram";

/**
 * Anybody's echo server on 127.0.0.1 and a port of the system's: it answers whoever sends. Prints the port, and on
 * SIGINT how many it has answered.
 */
const socket = createSocket("udp4");
let answered = 0;
socket.on("message", (payload, { port, address }) => {
  answered++;
  socket.send(payload, port, address);
});
socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
process.once("SIGINT", () => {
  console.log(answered);
  socket.close();
});
