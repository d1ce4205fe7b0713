// Makes its socket when whatever nobody holds has been collected.
import dgram from "node:dgram";

globalThis.Bun?.gc(true);
await new Promise((resolve) => setTimeout(resolve, 100));
globalThis.Bun?.gc(true);
const socket = dgram.createSocket("udp4");
socket.on("message", () => socket.close());
socket.bind(0, "127.0.0.1", () => socket.send("x", socket.address().port, "127.0.0.1"));
