// A responder and a querier on one machine, by multicast on the loopback.
const multicastDns = require("multicast-dns");
const { freePort } = require("../../../programs/free_port.cjs");

async function talk() {
  const options = { interface: "127.0.0.1", bind: "0.0.0.0", port: await freePort() };
  const responder = multicastDns(options);
  const querier = multicastDns(options);
  responder.on("query", ({ questions }) => {
    if (questions[0]?.name !== "printer.local") return;
    console.log("asked for", questions[0].name);
    responder.respond([{ name: "printer.local", type: "A", ttl: 120, data: "192.0.2.7" }]);
  });
  querier.once("response", ({ answers }) => {
    console.log("answer", answers[0].name, answers[0].data);
    responder.destroy(() => querier.destroy(() => console.log("closed")));
  });
  let ready = 0;
  for (const one of [responder, querier]) {
    one.on("ready", () => {
      if (++ready === 2) querier.query("printer.local", "A");
    });
  }
}

talk();
