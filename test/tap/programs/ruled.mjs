/**
 * A program whose network is made bad: it prints where its sockets are bound, and does what is asked of the last of them.
 *
 * - `send COUNT PORT`: sends so many datagrams, each with its number, and closes nothing
 * - `send-connected COUNT`: the same from the socket that is connected
 * - `close`: closes what sends, `exit`: ends at once
 *
 * Each is answered with what came since, how often it was awaited, and how many sends were told to be done.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";

async function bound() {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

const sender = await bound();
const hearer = await bound();
const reporter = await bound();
const heard = [];
let done = 0;
let failed = 0;

function sendAll(socket, count, ...to) {
  for (let number = 0; number < count; number++) {
    const payload = Buffer.alloc(20);
    payload.writeUInt32BE(number);
    socket.send(payload, ...to, (error, bytes) => {
      if (error || bytes !== 20) failed++;
      else done++;
      // Once it is told to be sent, it is the program's own again.
      payload.fill(0xff);
    });
  }
}

hearer.on("message", (payload) => heard.push(payload.toString("hex")));
// One after the other, as programs wait: what comes before the next is asked for is missed.
let awaited = 0;
async function hear() {
  for (;;) {
    await once(hearer, "message");
    awaited++;
  }
}
void hear();

reporter.on("message", (data, peer) => {
  const [what, count, port] = String(data).split(" ");
  if (what === "send") sendAll(sender, Number(count), Number(port), "127.0.0.1");
  if (what === "send-connected") {
    sender.connect(Number(port), "127.0.0.1", () => sendAll(sender, Number(count)));
  }
  if (what === "close") sender.close();
  if (what === "exit") process.exit(0);
  const report = JSON.stringify({ done, failed, awaited, heard: heard.splice(0, 400) });
  reporter.send(report, peer.port, peer.address);
});
console.log(
  JSON.stringify({
    pid: process.pid,
    sender: sender.address().port,
    hearer: hearer.address().port,
    reporter: reporter.address().port,
  }),
);
