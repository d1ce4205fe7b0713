import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import coap from "coap";
import { Client, Server } from "node-osc";
import { type Asked, mockText, requestsText } from "../../extension/core/export/request_file.ts";
import { parseRequests, type Result, runRequests } from "../../scripts/udp_run.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Stranger } from "../support/script_socket.ts";

/** A program of others, and its own client, which throws where it is answered otherwise. */
interface Peers {
  /** Begins to serve; resolves to its port. */
  serve(): Promise<number>;
  ask(port: number): Promise<void>;
  close(): Promise<void>;
}

const at = (port: number) => ({ address: "127.0.0.1", port });

/** What the client asks the program, as somebody between them sees it. */
async function recorded({ ask }: Peers, port: number): Promise<Asked[]> {
  const asked: { request: Buffer; answers: Buffer[] }[] = [];
  const front = await Stranger.bind();
  const back = await Stranger.bind();
  let client = 0;
  front.onEach((request, peer) => {
    asked.push({ request, answers: [] });
    client = peer.port;
    back.send(request, port);
  });
  back.onEach((answer) => {
    asked.at(-1)?.answers.push(answer);
    front.send(answer, client);
  });
  try {
    await ask(front.port);
    await ask(front.port);
    if (asked.length < 2) await front.next();
  } finally {
    front.close();
    back.close();
  }
  return asked;
}

/** Runs a text until all of it is done, or until `signal` where it serves. */
function run(text: string, signal?: AbortSignal): Promise<readonly Result[]> {
  const file = parseRequests(text);
  assert.deepEqual(file.problems, []);
  return runRequests(file, {
    vars: new Map(),
    tags: [],
    timeoutMs: 20_000,
    bail: false,
    allowed: [],
    ...(signal && { signal }),
  });
}

/** Asks until something answers: the mock may not be bound yet. */
async function askUntilAnswered({ ask }: Peers, port: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(port);
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}

interface Dns2 {
  new (options: object): { resolveA(name: string): Promise<{ answers: { address: string }[] }> };
  createServer(options: object): {
    listen(at: object): Promise<{ udp: { port: number } }>;
    close(): Promise<void>;
  };
  readonly Packet: {
    createResponseFromRequest(request: object): { answers: object[] };
    TYPE: { A: number };
    CLASS: { IN: number };
  };
}

function dns(): Peers {
  const dns2 = createRequire(import.meta.url)("dns2") as Dns2;
  const { Packet } = dns2;
  const server = dns2.createServer({
    udp: true,
    handle: (request: { questions: { name: string }[] }, send: (response: object) => void) => {
      const response = Packet.createResponseFromRequest(request);
      const [{ name } = { name: "" }] = request.questions;
      const kind = { type: Packet.TYPE.A, class: Packet.CLASS.IN };
      response.answers.push({ name, ...kind, ttl: 300, address: "192.0.2.7" });
      send(response);
    },
  });
  return {
    serve: async () => (await server.listen({ udp: at(0) })).udp.port,
    async ask(port) {
      const client = new dns2({ nameServers: ["127.0.0.1"], port, timeout: 1000 });
      const { answers } = await client.resolveA("workbench.example");
      assert.equal(answers[0]?.address, "192.0.2.7");
    },
    close: () => server.close(),
  };
}

function coapPeers(): Peers {
  const server = coap.createServer((request, response) => response.end(`Hello, ${request.url}!`));
  return {
    async serve() {
      const port = await freeUdpPort();
      await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", () => resolve()));
      return port;
    },
    async ask(port) {
      const request = coap.request({ host: "127.0.0.1", port, pathname: "/device" });
      request.end();
      const signal = AbortSignal.timeout(1000);
      const [response] = (await once(request, "response", { signal })) as [{ payload: Buffer }];
      assert.equal(String(response.payload), "Hello, /device!");
    },
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function osc(): Peers {
  let server: Server;
  return {
    async serve() {
      server = new Server(0, "127.0.0.1");
      await once(server, "listening");
      return server.port as number;
    },
    async ask(port) {
      const client = new Client("127.0.0.1", port);
      await client.send(["/workbench/volume", 11] as const);
      await client.close();
    },
    close: async () => void (await server.close()),
  };
}

describe("a conversation that is saved", function () {
  this.timeout(120_000);

  for (const [name, make] of Object.entries({ dns2: dns, coap: coapPeers, "node-osc": osc })) {
    it(`asks the program again, and stands in for it: ${name}`, async () => {
      const peers = make();
      const port = await peers.serve();
      let asked: Asked[];
      try {
        asked = await recorded(peers, port);
        const results = await run(requestsText(asked, at(port)));
        assert.deepEqual(
          results.flatMap(({ failures }) => failures),
          [],
        );
        assert.equal(results.length, new Set(asked.map((it) => String(it.request))).size);
      } finally {
        await peers.close();
      }
      const mock = await freeUdpPort();
      const ending = new AbortController();
      const serving = run(mockText(asked, at(mock)), ending.signal);
      try {
        await askUntilAnswered(peers, mock);
        await peers.ask(mock);
      } finally {
        ending.abort();
      }
      const [served] = await serving;
      assert.equal(served?.outcome, "passed");
      if (name !== "node-osc") assert.match(served?.title ?? "", /[2-9] received, [2-9] answered/);
    });
  }
});
