import { rmSync } from "node:fs";
import { join } from "node:path";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { parseEndpoint } from "../../../../extension/core/capture/captured_socket.ts";
import type { Found, Reason } from "../../../../extension/core/silence/findings.ts";
import type { Check } from "../../../../extension/core/silence/sentences.ts";
import { explainSilence } from "../../../../extension/core/silence/silence.ts";
import { readFacts } from "../../../../extension/host/silence/read_facts.ts";
import { thisSystem } from "../../../../extension/host/system/operating_system.ts";
import { captureWith } from "../../../support/capture_of_folder.ts";
import {
  bind,
  cable,
  captureFolder,
  connect,
  dumpcap,
  endAll,
  ip,
  Machine,
  program,
  send,
} from "./network.ts";

/** What is asked, when all is as it should be. */
interface Asked {
  readonly to: string;
  readonly from?: string;
  readonly pid?: number;
  readonly length?: number;
  readonly capture?: Capture;
  readonly probe?: true;
}

interface Scenario {
  readonly check: Check;
  readonly found: Found;
  readonly reason: Reason;
  /** It takes dumpcap, which not every machine has. */
  readonly needsDumpcap?: true;
  /** Other causes that are the case, too. */
  readonly also?: readonly Reason[];
  make(folder: string): Promise<Asked>;
}

const LOCAL = { address: "127.0.0.1", port: 5000 };

/** Where a program holds a socket and reads nothing: it is stopped. */
async function stopped(datagrams: number): Promise<Asked> {
  const reader = await program(
    `dgram.createSocket("udp4").bind(5000, "127.0.0.1", () => console.log("bound"))`,
  );
  reader.stop("SIGSTOP");
  const sender = await bind({ address: "127.0.0.1", port: 0 });
  for (let at = 0; at < datagrams; at++) await send(sender, "a".repeat(1000), 5000, "127.0.0.1");
  return { to: "127.0.0.1:5000" };
}

/** What a watched program has sent, and what came of it. */
async function watched(folder: string, source: string, to: string): Promise<Asked> {
  await program(source, folder);
  const capture = await captureWith(folder, ({ length }) => length > 0);
  const { sourcePort } = capture.flow(capture.idAt(0));
  return { to, from: `0.0.0.0:${sourcePort}`, capture };
}

function isRefused(capture: Capture): boolean {
  return capture.length > 0 && capture.refusal(capture.idAt(0)) !== undefined;
}

/** Each is really the case in a network of its own. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "nobody has the port": {
    check: "bound",
    found: "cause",
    reason: "nobody",
    make: async () => ({ to: "127.0.0.1:5000" }),
  },
  "a TCP server has the port": {
    check: "bound",
    found: "cause",
    reason: "onlyTcp",
    async make() {
      await program(`require("net").createServer().listen(5000, () => console.log("bound"))`);
      return { to: "127.0.0.1:5000" };
    },
  },
  "it is bound to loopback and sent to by its name on the network": {
    check: "loopback",
    found: "cause",
    reason: "loopbackOnly",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      await bind(LOCAL);
      return { to: "10.9.0.1:5000" };
    },
  },
  "it is bound to loopback and another machine sends": {
    check: "loopback",
    found: "cause",
    reason: "loopbackFrom",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      await bind(LOCAL);
      return { to: "127.0.0.1:5000", from: "10.9.0.77:4000" };
    },
  },
  "it is bound to another interface": {
    check: "address",
    found: "cause",
    reason: "otherAddress",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      await bind({ address: "10.8.0.1", port: 5000 });
      return { to: "10.9.0.1:5000" };
    },
  },
  "it is for IPv4, and sent to by IPv6": {
    check: "family",
    found: "cause",
    reason: "onlyIpv4",
    async make() {
      await bind(LOCAL);
      return { to: "[::1]:5000" };
    },
  },
  "it is for IPv6 alone, and sent to by IPv4": {
    check: "family",
    found: "cause",
    reason: "onlyIpv6",
    async make() {
      await bind({ address: "::", port: 5000, ipv6Only: true });
      return { to: "127.0.0.1:5000" };
    },
  },
  "another program has the same port at the address": {
    check: "owner",
    found: "cause",
    reason: "closerSocket",
    async make() {
      await bind({ address: "0.0.0.0", port: 5000, reuseAddr: true });
      await program(
        `dgram.createSocket({ type: "udp4", reuseAddr: true }).bind(5000, "127.0.0.1", () => console.log("bound"))`,
      );
      return { to: "127.0.0.1:5000", pid: process.pid };
    },
  },
  "two programs share the port": {
    check: "owner",
    found: "possible",
    reason: "shared",
    async make() {
      await bind({ ...LOCAL, reuseAddr: true });
      await program(
        `dgram.createSocket({ type: "udp4", reuseAddr: true }).bind(5000, "127.0.0.1", () => console.log("bound"))`,
      );
      return { to: "127.0.0.1:5000", pid: process.pid };
    },
  },
  "it is connected to somebody else": {
    check: "connected",
    found: "cause",
    reason: "connectedElsewhere",
    async make() {
      await connect(await bind(LOCAL), 4001, "127.0.0.1");
      await bind({ address: "127.0.0.1", port: 4000 });
      return { to: "127.0.0.1:5000", from: "127.0.0.1:4000" };
    },
  },
  "the server answers from another port": {
    check: "connected",
    found: "cause",
    reason: "answersFromOther",
    also: ["arriving"],
    async make(folder) {
      await program(
        `const server = dgram.createSocket("udp4");
        const other = dgram.createSocket("udp4");
        server.on("message", (_, { port, address }) => other.send("answer", port, address));
        server.bind(5000, "127.0.0.1", () => other.bind(5001, "127.0.0.1", () => console.log("bound")))`,
        folder,
      );
      const client = await bind({ address: "127.0.0.1", port: 4000 });
      await connect(client, 5000, "127.0.0.1");
      await send(client, "question");
      const capture = await captureWith(folder, ({ length }) => length >= 2);
      return { to: "127.0.0.1:5000", from: "127.0.0.1:4000", capture };
    },
  },
  "the receive buffer is full": {
    check: "buffer",
    found: "cause",
    reason: "bufferFull",
    make: () => stopped(1000),
  },
  "the program does not read": {
    check: "buffer",
    found: "cause",
    reason: "notTaken",
    make: () => stopped(1),
  },
  "another machine refuses the port": {
    check: "refused",
    found: "cause",
    reason: "refusedPort",
    async make(folder) {
      await (await Machine.start()).connect("10.9.0.1", "10.9.0.2");
      await program(
        `const socket = dgram.createSocket("udp4");
        socket.on("error", () => console.log("refused"));
        socket.connect(5000, "10.9.0.2", () => socket.send("a"))`,
        folder,
      );
      return { to: "10.9.0.2:5000", capture: await captureWith(folder, isRefused) };
    },
  },
  "an empty datagram is refused, where one may be sent": {
    check: "refused",
    found: "cause",
    reason: "probeRefused",
    async make() {
      await (await Machine.start()).connect("10.9.0.1", "10.9.0.2");
      return { to: "10.9.0.2:5000", probe: true };
    },
  },
  "no machine has the address": {
    check: "route",
    found: "cause",
    reason: "noNeighbour",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      await send(await bind({ address: "0.0.0.0", port: 0 }), "a", 5000, "10.9.0.77");
      return { to: "10.9.0.77:5000" };
    },
  },
  "no way leads there": {
    check: "route",
    found: "cause",
    reason: "noWay",
    make: async () => ({ to: "10.9.0.77:5000" }),
  },
  "the sender is bound to loopback": {
    check: "route",
    found: "cause",
    reason: "noWayFrom",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      await bind({ address: "127.0.0.1", port: 4000 });
      return { to: "10.9.0.77:5000", from: "127.0.0.1:4000" };
    },
  },
  "the routing table forbids it": {
    check: "permission",
    found: "cause",
    reason: "wayForbidden",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      ip("route add prohibit 10.7.0.0/16");
      return { to: "10.7.0.1:5000" };
    },
  },
  "a broadcast is not asked for": {
    check: "broadcast",
    found: "cause",
    reason: "broadcastForbidden",
    async make(folder) {
      await cable("10.9.0.1", "10.8.0.1");
      await bind({ address: "0.0.0.0", port: 5000 });
      return watched(
        folder,
        `const socket = dgram.createSocket("udp4");
        socket.send("a", 5000, "10.9.0.255", () => console.log("refused"))`,
        "10.9.0.255:5000",
      );
    },
  },
  "a broadcast goes to a socket that is bound to one address": {
    check: "broadcast",
    found: "cause",
    reason: "boundToOne",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      await bind({ address: "10.9.0.1", port: 5000 });
      return { to: "10.9.0.255:5000" };
    },
  },
  "a group is not joined": {
    check: "multicast",
    found: "cause",
    reason: "notJoined",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      ip("route add 224.0.0.0/4 dev v0");
      await bind({ address: "0.0.0.0", port: 5000 });
      return { to: "239.1.2.3:5000" };
    },
  },
  "a group is joined on another interface": {
    check: "multicast",
    found: "cause",
    reason: "joinedElsewhere",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      ip("route add 224.0.0.0/4 dev v0");
      (await bind({ address: "0.0.0.0", port: 5000 })).addMembership("239.1.2.3", "10.8.0.1");
      return { to: "239.1.2.3:5000", from: "0.0.0.0:4000" };
    },
  },
  "a datagram is too large for UDP": {
    check: "size",
    found: "cause",
    reason: "tooLarge",
    async make(folder) {
      await (await Machine.start()).connect("10.9.0.1", "10.9.0.2");
      return watched(
        folder,
        `const socket = dgram.createSocket("udp4");
        socket.send(Buffer.alloc(65508), 5000, "10.9.0.2", () => console.log("refused"))`,
        "10.9.0.2:5000",
      );
    },
  },
  "a datagram is larger than the path": {
    check: "size",
    found: "possible",
    reason: "fragments",
    async make() {
      await (await Machine.start()).connect("10.9.0.1", "10.9.0.2");
      return { to: "10.9.0.2:5000", from: "10.9.0.1:4000", length: 5000 };
    },
  },
  "a datagram may pass no router": {
    check: "hops",
    found: "cause",
    reason: "expired",
    needsDumpcap: true,
    async make(folder) {
      const router = await Machine.start();
      const target = await Machine.start();
      await router.connect("10.9.0.1", "10.9.0.2");
      router.connectTo(target, "10.8.0.1", "10.8.0.2");
      router.run("echo 1 > /proc/sys/net/ipv4/ip_forward");
      target.run("ip route add default via 10.8.0.1");
      ip("route add default via 10.9.0.2");
      const capturing = await dumpcap("v0", join(folder, "wire.pcapng"));
      const sender = await bind({ address: "10.9.0.1", port: 4000 });
      sender.setTTL(1);
      await send(sender, "a", 5000, "10.8.0.2");
      const capture = await captureWith(folder, isRefused);
      capturing.stop("SIGTERM");
      return { to: "10.8.0.2:5000", from: "10.9.0.1:4000", capture };
    },
  },
  "the capture is of an interface that it never passes": {
    check: "interface",
    found: "cause",
    reason: "capturedElsewhere",
    needsDumpcap: true,
    async make(folder) {
      await cable("10.9.0.1", "10.8.0.1");
      await bind({ address: "0.0.0.0", port: 5000 });
      const capturing = await dumpcap("v0", join(folder, "wire.pcapng"));
      const sender = await bind({ address: "0.0.0.0", port: 4000 });
      // Something that passes there, so that the interface is in the file.
      sender.setBroadcast(true);
      await send(sender, "a", 6000, "10.9.0.255");
      const capture = await captureWith(folder, ({ length }) => length > 0);
      capturing.stop("SIGTERM");
      return { to: "10.9.0.1:5000", from: "10.9.0.1:4000", capture };
    },
  },
  "the program has sent nothing": {
    check: "sent",
    found: "cause",
    reason: "nothingSent",
    async make(folder) {
      await bind({ address: "127.0.0.1", port: 5000 });
      await program(
        `dgram.createSocket("udp4").bind(4000, "127.0.0.1", () => console.log("bound"))`,
        folder,
      );
      const capture = await captureWith(folder, ({ sockets }) => [...sockets].length > 0);
      return { to: "127.0.0.1:5000", from: "127.0.0.1:4000", capture };
    },
  },
  "they do arrive": {
    check: "arrives",
    found: "cause",
    reason: "arriving",
    async make(folder) {
      await program(
        `dgram.createSocket("udp4").on("message", () => {}).bind(5000, "127.0.0.1", () => console.log("bound"))`,
        folder,
      );
      await send(await bind({ address: "127.0.0.1", port: 4000 }), "a", 5000, "127.0.0.1");
      const capture = await captureWith(folder, ({ length }) => length > 0);
      return { to: "127.0.0.1:5000", from: "127.0.0.1:4000", capture };
    },
  },
};

/** Where nothing that can be read tells; none of them may come to a cause. */
export const UNKNOWN: Readonly<Record<string, Omit<Scenario, "found">>> = {
  "another machine has the port for its loopback alone, and no datagram was sent": {
    check: "bound",
    reason: "otherMachine",
    async make() {
      await (await Machine.start()).connect("10.9.0.1", "10.9.0.2");
      return { to: "10.9.0.2:5000" };
    },
  },
  "a router is on the way, and the TTL may be too small": {
    check: "hops",
    reason: "hopsUnknown",
    async make() {
      await (await Machine.start()).connect("10.9.0.1", "10.9.0.2");
      ip("route add default via 10.9.0.2");
      return { to: "10.8.0.2:5000", from: "10.9.0.1:4000" };
    },
  },
  "who sends to loopback is not known": {
    check: "loopback",
    reason: "loopbackMaybe",
    async make() {
      await bind(LOCAL);
      return { to: "127.0.0.1:5000" };
    },
  },
  "a group's members are on other machines": {
    check: "multicast",
    reason: "otherMachine",
    async make() {
      await (await Machine.start()).connect("10.9.0.1", "10.9.0.2");
      ip("route add 224.0.0.0/4 dev v0");
      return { to: "239.1.2.3:5000", from: "0.0.0.0:4000" };
    },
  },
  "a broadcast may not be asked for": {
    check: "broadcast",
    reason: "broadcastUnknown",
    async make() {
      await cable("10.9.0.1", "10.8.0.1");
      await bind({ address: "0.0.0.0", port: 5000 });
      return { to: "10.9.0.255:5000" };
    },
  },
};

/** Makes a scenario, and prints what is found. */
async function main(name: string): Promise<void> {
  const scenario = SCENARIOS[name] ?? UNKNOWN[name];
  if (!scenario) throw new Error(`There is no scenario ${name}`);
  const folder = captureFolder();
  try {
    const { to, from, pid, length, capture = new Capture(), probe } = await scenario.make(folder);
    const end = parseEndpoint(to);
    if (!end) throw new Error(`${to} is no end`);
    const question = {
      to: end,
      from: from === undefined ? undefined : parseEndpoint(from),
      pid,
      length,
    };
    const facts = await readFacts(question, {
      capture,
      system: thisSystem(),
      remoteName: undefined,
      mayProbe: probe === true,
    });
    console.log(JSON.stringify(explainSilence(facts)));
  } finally {
    endAll();
    rmSync(folder, { recursive: true });
  }
  process.exit();
}

if (import.meta.main) await main(process.argv[2] ?? "");
