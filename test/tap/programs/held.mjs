// Sends itself a datagram, and tells from its handler, while nothing else can run, whether the capture folder has it.
// The second word opens a debugger's port first, as VS Code's preloaded file does.
import dgram from "node:dgram";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, debugged] = process.argv.slice(2);
if (debugged) (await import("node:inspector")).open(0, "127.0.0.1");
const socket = dgram.createSocket("udp4");
socket.on("message", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".pcapng"));
  const isThere = files.some((name) => readFileSync(join(folder, name)).includes("held here"));
  console.log(isThere ? "recorded" : "not yet");
  socket.close();
  process.exit();
});
socket.bind(0, "127.0.0.1", () => socket.send("held here", socket.address().port, "127.0.0.1"));
