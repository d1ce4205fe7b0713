import { createSocket } from "node:dgram";

/** The least that an echo server can do with node:dgram: what the runtime itself costs. Usage: empty_loop.ts PORT */
const socket = createSocket("udp4");
socket.on("message", (payload, { port, address }) => socket.send(payload, port, address));
socket.bind(Number(process.argv[2]), "127.0.0.1");
