// SSDP (node-ssdp): a device is searched for and found.
import { once } from "node:events";
import os from "node:os";
import ssdp from "node-ssdp";
import { freePort } from "./free_port.cjs";

// It speaks on every interface but the loopback one: here it gets that one for another, and nothing leaves the machine.
os.networkInterfaces = () => ({ lo: [{ address: "127.0.0.1", family: "IPv4", internal: false }] });
const ssdpPort = await freePort();
const device = new ssdp.Server({
  location: "http://127.0.0.1/device.xml",
  ssdpPort,
  sourcePort: ssdpPort,
});
device.addUSN("urn:workbench:device:1");
await device.start();
device.sockets["127.0.0.1"].setMulticastInterface("127.0.0.1");
const client = new ssdp.Client({ ssdpPort, explicitSocketBind: true });
const found = once(client, "response");
await client.start();
client.search("urn:workbench:device:1");
const [headers] = await found;
if (headers.ST !== "urn:workbench:device:1") throw new Error("the wrong device");
client.stop();
device.stop();
// Its first advertisement is still to come, in a timer that nobody can clear.
process.exit();
