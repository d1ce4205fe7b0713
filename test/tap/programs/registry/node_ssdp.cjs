// A service that is searched and found. The library leaves the loopback out, so it is told of another interface.
const os = require("node:os");

os.networkInterfaces = () => ({ lo: [{ address: "127.0.0.1", family: "IPv4", internal: false }] });
const { Client, Server } = require("node-ssdp");
const { freePort } = require("../../../programs/free_port.cjs");

/** Nothing leaves the machine, wherever the system would send what is for a group. */
function stayHere({ sockets }) {
  for (const socket of Object.values(sockets)) socket.setMulticastInterface("127.0.0.1");
}

async function search() {
  const ssdpPort = await freePort();
  const server = new Server({
    location: "http://127.0.0.1/desc.xml",
    udn: "uuid:of-the-test",
    reuseAddr: true,
    ssdpPort,
    sourcePort: ssdpPort,
  });
  server.addUSN("urn:example:service:lamp:1");
  const client = new Client({ reuseAddr: true, ssdpPort, explicitSocketBind: true });
  client.once("response", ({ ST, LOCATION }, statusCode) => {
    console.log("found", statusCode, ST, LOCATION);
    client.stop();
    server.stop();
    // It waits some seconds for its farewells.
    setImmediate(() => process.exit());
  });
  await server.start();
  stayHere(server);
  await client.start();
  stayHere(client);
  client.search("urn:example:service:lamp:1");
}

search();
