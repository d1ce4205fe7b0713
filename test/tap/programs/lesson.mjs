// The first lesson in one program: a server on HOST (the first word) answers three names. Prints both ports as JSON
// and ends by itself.
import dgram from "node:dgram";
import { once } from "node:events";

const host = process.argv[2] ?? "127.0.0.1";
const type = host.includes(":") ? "udp6" : "udp4";
const server = dgram.createSocket(type, (payload, from) => {
  server.send(`Hello, ${payload}!`, from.port, from.address);
});
server.bind(0, host);
await once(server, "listening");
const client = dgram.createSocket(type);
for (const name of ["Michael", "Tracy", "Sarah"]) {
  client.send(name, server.address().port, host);
  await once(client, "message");
}
console.log(JSON.stringify({ server: server.address().port, client: client.address().port }));
client.close();
server.close();
