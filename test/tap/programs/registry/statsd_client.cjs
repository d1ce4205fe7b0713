// Counters, gauges and timings for a server that prints them.
const { createSocket } = require("node:dgram");
const StatsdClient = require("statsd-client");

const server = createSocket("udp4");
let lines = [];
server.on("message", (payload) => {
  lines = lines.concat(String(payload).split("\n"));
  if (lines.length < 4) return;
  console.log(lines.join(" "));
  server.close();
});
server.bind(0, "127.0.0.1", () => {
  const client = new StatsdClient({
    host: "127.0.0.1",
    port: server.address().port,
    prefix: "test",
    socketTimeout: 50,
  });
  client.increment("started");
  client.gauge("load", 7);
  client.timing("answer", 12);
  client.set("users", "tracy");
  client.close();
});
