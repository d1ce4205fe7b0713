/**
 * A program that is made to send: it prints where its sockets are bound, and tells whoever sends "report" to the last
 * of them what it has noticed since. Words: "short" ends it by itself.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";

const noticed = [];
const events = ["message", "listening", "connect", "close", "error"];

function watched(name, options) {
  const socket = createSocket({
    ...options,
    lookup: (address, options, done) => {
      noticed.push(`${name} lookup`);
      setImmediate(done, null, address, options.family ?? options);
    },
  });
  for (const event of events) socket.on(event, () => noticed.push(`${name} ${event}`));
  return socket;
}

/** The program's own ways of sending and closing are not what is used. */
function forbid(name, socket) {
  for (const method of ["send", "close", "address", "bind"]) {
    const { [method]: original } = socket;
    socket[method] = (...args) => {
      noticed.push(`${name} ${method}`);
      return original.apply(socket, args);
    };
  }
}

const open = watched("open", { type: "udp4" });
open.bind(0, "127.0.0.1");
await once(open, "listening");
const connected = watched("connected", { type: "udp4" });
connected.bind(0, "127.0.0.1");
await once(connected, "listening");
const dual = watched("dual", { type: "udp6" });
dual.bind(0, "::");
await once(dual, "listening");

const reporter = createSocket("udp4");
reporter.bind(0, "127.0.0.1");
await once(reporter, "listening");
connected.connect(reporter.address().port, "127.0.0.1");
await once(connected, "connect");
forbid("open", open);
forbid("connected", connected);
forbid("dual", dual);

reporter.on("message", (data, peer) => {
  if (String(data) !== "report") return;
  reporter.send(JSON.stringify(noticed), peer.port, peer.address);
});
console.log(
  JSON.stringify({
    pid: process.pid,
    open: open.address().port,
    connected: connected.address().port,
    dual: dual.address().port,
    reporter: reporter.address().port,
  }),
);
// What is noticed from here on is not its own doing.
noticed.length = 0;
if (process.argv[2] === "short") {
  setTimeout(() => {
    for (const socket of [open, connected, dual, reporter]) socket.close();
  }, 400);
}
