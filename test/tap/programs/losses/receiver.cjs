// Takes datagrams until one says "block": then nothing, until there is a line on stdin. Says how many it has had when one says "count".
const dgram = require("node:dgram");
const { readSync } = require("node:fs");

const recvBufferSize = Number(process.argv[2] ?? 0);
const socket = dgram.createSocket({ type: "udp4", ...(recvBufferSize > 0 && { recvBufferSize }) });
let received = 0;
socket.on("message", (payload) => {
  received++;
  const text = String(payload);
  if (text.startsWith("block")) {
    console.log("blocked");
    readSync(0, Buffer.alloc(1));
  } else if (text.startsWith("count")) console.log(received, text.trim());
});
socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
