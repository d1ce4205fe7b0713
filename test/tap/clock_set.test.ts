import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { defaultRuntime } from "../support/runtimes.ts";
import { type Datagram, readDatagrams } from "./support/capture_folder.ts";
import { startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const CLOCK = join(import.meta.dirname, "programs/set_clock.cjs");
/** Sends back what it gets, and prints its port. */
const ECHO = `
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (data, { port, address }) => socket.send(data, port, address));
  socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
`;
/** Asks that port again and again, with a number each. */
const ASK = `
  const socket = require("node:dgram").createSocket("udp4");
  let number = 0;
  const ask = () => socket.send(String(++number), Number(process.argv[1]), "127.0.0.1");
  socket.on("message", () => setTimeout(ask, 5));
  socket.bind(0, "127.0.0.1", ask);
`;
/** Microseconds that a receipt may seem to be too early; the panel calls a sending lost beyond that. */
const SKEW = 5000;

describe("programs on a machine whose clock is set", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();

  before(function () {
    if (process.platform === "win32") this.skip();
  });

  for (const [how, SET_MS] of Object.entries({ "set back": "-150", "set on": "150" })) {
    it(`agree about the time soon after it was ${how}, also one that was started before`, async () => {
      const tap = tapped.inNewFolder();
      const environment = { SET_MS, NODE_OPTIONS: `--require "${CLOCK}"` };
      const server = startProgram(defaultRuntime, "-e", {
        ...{ tap, words: [ECHO], environment: { ...environment, SET_LATER: "yes" } },
      });
      const output = server.process.stdout;
      assert.ok(output);
      const [port] = await once(output, "data");
      const set = once(output, "data");
      server.process.kill("SIGUSR2");
      await set;
      startProgram(defaultRuntime, "-e", { tap, words: [ASK, String(port).trim()], environment });
      await until("an exchange has its parts in the order of time", () => {
        const latest = exchanges(readDatagrams(tap.folder)).at(-1);
        return latest !== undefined && isInOrder(latest);
      });
    });
  }
});

/** The records of each number that has all four: sent, received, sent back, and that received. */
function exchanges(datagrams: readonly Datagram[]): Datagram[][] {
  const byNumber = new Map<string, Datagram[]>();
  for (const datagram of datagrams) {
    const number = String(datagram.payload);
    byNumber.set(number, [...(byNumber.get(number) ?? []), datagram]);
  }
  return [...byNumber.values()].filter(({ length }) => length === 4);
}

/** Whether nothing is received before it was sent, as far as the times tell, nor long after. */
function isInOrder(exchange: readonly Datagram[]): boolean {
  return exchange
    .filter(({ direction }) => direction === "out")
    .every((sent) => {
      const receipt = exchange.find(
        ({ direction, destination }) => direction === "in" && destination === sent.destination,
      );
      const took = (receipt?.time ?? Number.NaN) - sent.time;
      return took >= -SKEW && took < 100_000;
    });
}
