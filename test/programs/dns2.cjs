// A name server and its client (dns2): one question, one answer.
const dns2 = require("dns2");

const { Packet } = dns2;
const server = dns2.createServer({
  udp: true,
  handle: (request, send) => {
    const [{ name }] = request.questions;
    const response = Packet.createResponseFromRequest(request);
    const { A } = Packet.TYPE;
    const { IN } = Packet.CLASS;
    response.answers.push({ name, type: A, class: IN, ttl: 300, address: "192.0.2.7" });
    send(response);
  },
});
server.listen({ udp: { port: 0, address: "127.0.0.1" } }).then(async ({ udp }) => {
  const client = new dns2({ nameServers: ["127.0.0.1"], port: udp.port });
  const { answers } = await client.resolveA("workbench.example");
  if (answers[0]?.address !== "192.0.2.7") throw new Error("the wrong answer");
  await server.close();
});
