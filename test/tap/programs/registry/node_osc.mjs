// OSC messages and a bundle to a server in the same program.
import { once } from "node:events";
import { Bundle, Client, Server } from "node-osc";

const server = new Server(0, "127.0.0.1");
await once(server, "listening");
const client = new Client("127.0.0.1", server._sock.address().port);
for (const message of [
  ["/volume", 0.5],
  ["/name", "Michael", 7],
]) {
  const heard = once(server, "message");
  await client.send(...message);
  const [[address, ...values]] = await heard;
  console.log(address, ...values);
}
const heard = once(server, "bundle");
await client.send(new Bundle(["/one", 1], ["/two", 2]));
console.log((await heard)[0].elements.length);
await client.close();
await server.close();
