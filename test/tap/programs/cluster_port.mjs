// Two cluster workers share a port through their primary, which asks it six times. Prints who was asked what.
import cluster from "node:cluster";
import dgram from "node:dgram";
import { once } from "node:events";

const HOST = "127.0.0.1";

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  // Who asks for any port in a worker gets the one that the other workers got.
  const [[port]] = await Promise.all(workers.map((worker) => once(worker, "message")));
  const client = dgram.createSocket("udp4");
  const answers = [];
  for (let number = 1; number <= 6; number++) {
    client.send(`question ${number}`, port, HOST);
    const [answer] = await once(client, "message");
    answers.push(String(answer));
  }
  console.log(answers.join("\n"));
  client.close();
  for (const worker of workers) worker.disconnect();
} else {
  const server = dgram.createSocket("udp4", (payload, from) => {
    server.send(`answer to ${payload}`, from.port, from.address);
  });
  server.bind(0, HOST, () => process.send(server.address().port));
}
