// A DNS server and three questions to it.
const dns2 = require("dns2");

const { Packet, UDPClient, UDPServer } = dns2;
const server = new UDPServer((request, send) => {
  const response = Packet.createResponseFromRequest(request);
  const [{ name }] = request.questions;
  response.answers.push({
    name,
    type: Packet.TYPE.A,
    class: Packet.CLASS.IN,
    ttl: 300,
    address: `10.0.0.${name.length}`,
  });
  send(response);
});
server.listen(0, "127.0.0.1").then(async () => {
  const resolve = UDPClient({ dns: "127.0.0.1", port: server.address().port });
  for (const name of ["a.example", "bb.example", "ccc.example"]) {
    const { answers } = await resolve(name);
    console.log(answers.map(({ name, address, ttl }) => `${name} ${address} ${ttl}`).join());
  }
  server.close(() => console.log("closed"));
});
