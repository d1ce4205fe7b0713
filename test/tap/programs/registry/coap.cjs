// A CoAP server, a request that is confirmed, one that is not, and a large answer in blocks.
const coap = require("coap");

// Nothing is sent twice because the machine was busy.
coap.updateTiming({ ackTimeout: 60 });

const server = coap.createServer((request, response) => {
  console.log("request", request.method, request.url);
  response.setOption("Content-Format", "text/plain");
  response.end(
    request.url === "/large" ? "0123456789".repeat(300) : `you asked for ${request.url}`,
  );
});

function get(port, pathname, confirmable) {
  return new Promise((resolve, reject) => {
    const request = coap.request({ hostname: "127.0.0.1", port, pathname, confirmable });
    request.on("response", (response) => {
      console.log(
        "response",
        response.code,
        response.payload.length,
        String(response.payload.subarray(0, 30)),
      );
      response.on("data", () => {});
      resolve();
    });
    request.on("error", reject);
    request.end();
  });
}

server.listen(0, "127.0.0.1", async () => {
  const { port } = server._sock.address();
  await get(port, "/temperature", true);
  await get(port, "/humidity", false);
  await get(port, "/large", true);
  server.close(() => {
    console.log("closed");
    // Its agent keeps a socket for exchanges that may come.
    process.exit();
  });
});
