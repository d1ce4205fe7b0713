// A socket that is connected, disconnected and used again. Prints the ports in the order in which they were had.
import dgram from "node:dgram";
import { once } from "node:events";

const peer = dgram.createSocket("udp4");
peer.bind(0, "127.0.0.1");
await once(peer, "listening");
const { port } = peer.address();
const socket = dgram.createSocket("udp4");
socket.connect(port, "127.0.0.1");
await once(socket, "connect");
peer.send("first", socket.address().port, "127.0.0.1");
await once(socket, "message");
socket.send(["in ", Buffer.from("parts")]);
await once(peer, "message");
const connected = socket.address();
const words = new TextEncoder().encode("view of some bytes");
socket.send(new DataView(words.buffer, 8, 4));
await once(peer, "message");
socket.disconnect();
socket.send("free", port, "127.0.0.1");
await once(peer, "message");
console.log(JSON.stringify({ peer: port, connected, free: socket.address() }));
socket.close();
peer.close();
