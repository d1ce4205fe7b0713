// Multicast DNS (multicast-dns): one asks the link, another answers.
import { once } from "node:events";
import mdns from "multicast-dns";
import { freePort } from "./free_port.cjs";

// Bound everywhere, or nothing that is sent to the group arrives; spoken on the loopback interface alone.
const options = { interface: "127.0.0.1", bind: "0.0.0.0", port: await freePort() };
const responder = mdns(options);
await once(responder, "ready");
responder.on("query", ({ questions }) => {
  if (questions.some(({ name }) => name === "workbench.local")) {
    responder.respond([{ name: "workbench.local", type: "A", ttl: 120, data: "192.0.2.7" }]);
  }
});
const asker = mdns(options);
await once(asker, "ready");
const answered = new Promise((resolve) => {
  asker.on("response", ({ answers }) => {
    if (answers.some(({ name }) => name === "workbench.local")) resolve();
  });
});
asker.query("workbench.local", "A");
await answered;
asker.destroy();
responder.destroy();
