// A CoAP server and its client (coap): a confirmable GET and its acknowledgement.
import { once } from "node:events";
import coap from "coap";

const server = coap.createServer((request, response) => response.end(`Hello, ${request.url}!`));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const request = coap.request({
  host: "127.0.0.1",
  port: server._sock.address().port,
  pathname: "/device",
});
request.end();
const [response] = await once(request, "response");
if (String(response.payload) !== "Hello, /device!") throw new Error("the wrong answer");
server.close();
