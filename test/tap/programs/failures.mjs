// What can go wrong, each once: two binds, a datagram that is too long (with and without callback), a name that
// does not resolve. Prints the port that was taken.
import dgram from "node:dgram";
import { once } from "node:events";

const first = dgram.createSocket("udp4");
first.bind(0, "127.0.0.1");
await once(first, "listening");
const { port } = first.address();

const second = dgram.createSocket("udp4");
second.bind(port, "127.0.0.1");
await once(second, "error");
second.close();

const third = dgram.createSocket({
  type: "udp4",
  lookup: (hostname, _options, callback) => {
    const fields = { code: "ENOTFOUND", syscall: "getaddrinfo", hostname };
    process.nextTick(callback, Object.assign(new Error("no such name"), fields));
  },
});
third.bind(port, "nowhere.invalid");
await once(third, "error");
third.close();

first.send(Buffer.alloc(65_508, "a"), port, "127.0.0.1");
await new Promise((resolve) => {
  first.send(Buffer.alloc(70_000, "b"), port, "127.0.0.1", resolve);
});
console.log(port);
first.close();
