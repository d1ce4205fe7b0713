// A StatsD client (statsd-client) and who it reports to.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import StatsdClient from "statsd-client";

const collector = createSocket("udp4").bind(0, "127.0.0.1");
await once(collector, "listening");
const client = new StatsdClient({ host: "127.0.0.1", port: collector.address().port });
client.increment("workbench.requests", 3);
const [payload] = await once(collector, "message");
if (String(payload) !== "workbench.requests:3|c") throw new Error("the wrong report");
client.close();
collector.close();
