// Open Sound Control (node-osc), in TypeScript: a message with arguments.
import { once } from "node:events";
import { Client, Server } from "node-osc";

const server = new Server(0, "127.0.0.1");
await once(server, "listening");
const client = new Client("127.0.0.1", server.port as number);
const received = once(server, "message") as Promise<[unknown[]]>;
await client.send(["/workbench/volume", 11] as const);
const [message] = await received;
if (message.join() !== "/workbench/volume,11") throw new Error("the wrong message");
await client.close();
await server.close();
