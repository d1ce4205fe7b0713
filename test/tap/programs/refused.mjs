// A connected socket whose peer is gone: what was sent to it is refused, and the next call tells so. Then a socket that is
// not connected, which most systems tell nothing. Prints the port that nobody has, what was told, and the names of the errors.
import dgram from "node:dgram";
import { once } from "node:events";

const [host = "127.0.0.1"] = process.argv.slice(2);
const type = host.includes(":") ? "udp6" : "udp4";
const gone = dgram.createSocket(type);
gone.bind(0, host);
await once(gone, "listening");
const { port } = gone.address();
const peer = dgram.createSocket(type);
peer.bind(0, host);
await once(peer, "listening");
gone.close();
await once(gone, "close");

const errors = [];
const connected = dgram.createSocket(type);
connected.on("error", ({ code }) => errors.push(code));
connected.connect(port, host);
await once(connected, "connect");
const send = (text) =>
  new Promise((resolve) => connected.send(text, (error) => resolve(error?.code ?? "sent")));
const outcomes = [];
// One with the next send, and one while nothing is sent.
for (const text of ["first", "second", "third"]) outcomes.push(await send(text));
if (outcomes.includes("ECONNREFUSED") && errors.length === 0) await once(connected, "error");
connected.close();

const free = dgram.createSocket(type);
free.on("error", ({ code }) => errors.push(code));
await new Promise((resolve) => free.send("nobody", port, host, resolve));
const heard = once(peer, "message");
const sendFree = () =>
  new Promise((resolve) => free.send("somebody", peer.address().port, host, resolve));
// On Bun it is told as well.
const isFreeTold = Boolean(await sendFree());
if (isFreeTold) await sendFree();
await heard;
free.close();
peer.close();
console.log(JSON.stringify({ port, outcomes, errors, isFreeTold }));
