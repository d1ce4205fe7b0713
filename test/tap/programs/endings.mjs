// Ends in the way that the first word names, with a bound socket, and tells what happened on its way there.
import dgram from "node:dgram";
import { once } from "node:events";

const socket = dgram.createSocket("udp4");
socket.bind(0, "127.0.0.1");
await once(socket, "listening");
const { port } = socket.address();
process.on("beforeExit", (code) => console.log("beforeExit", code));
process.on("exit", (code) => console.log("exit", code));
// Deno knows neither unref nor uncaught exceptions of listeners: there the program goes on.
if (globalThis.Deno) setTimeout(() => process.exit(9), 3000).unref();

const endings = {
  // Nothing but the socket keeps it alive, and nobody cares for that.
  unref: () => socket.unref(),
  // The socket keeps it alive until it is closed by what it hears.
  close() {
    socket.on("message", () => socket.close(() => console.log("closed")));
    socket.send("x", port, "127.0.0.1");
  },
  // A timer of the program's, and a socket that is open until the end.
  timer() {
    socket.unref();
    setTimeout(() => console.log("timer"), 50);
  },
  exitCode() {
    process.exitCode = 3;
    socket.close();
  },
  throwInListener() {
    socket.on("message", () => {
      throw new RangeError("the program's own fault");
    });
    socket.send("x", port, "127.0.0.1");
  },
  throwInCallback() {
    socket.send("x", port, "127.0.0.1", () => {
      throw new RangeError("the program's own fault");
    });
  },
  reject() {
    socket.send("x", port, "127.0.0.1", () => {
      Promise.reject(new RangeError("the program's own fault"));
    });
  },
  errorEvent: () => dgram.createSocket("udp4").bind(port, "127.0.0.1"),
  caught() {
    process.on("uncaughtException", (error) => {
      console.log("caught", String(error));
      socket.close();
    });
    socket.send("x", port, "127.0.0.1", () => {
      throw new RangeError("the program's own fault");
    });
  },
  exitInListener() {
    socket.on("message", () => process.exit(5));
    socket.send("x", port, "127.0.0.1");
  },
};
endings[process.argv[2]]();
