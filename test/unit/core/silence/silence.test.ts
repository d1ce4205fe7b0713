import assert from "node:assert/strict";
import fc from "fast-check";
import type { OwnedSocket, SilenceFacts } from "../../../../extension/core/silence/facts.ts";
import {
  CHECK_DOCS,
  type Check,
  REMEDY_DOCS,
  SILENCE_DOCS,
} from "../../../../extension/core/silence/sentences.ts";
import { explainSilence, remedyOf } from "../../../../extension/core/silence/silence.ts";
import type { Traffic } from "../../../../extension/core/silence/traffic.ts";

const QUIET: Traffic = {
  isSenderWatched: false,
  isReceiverWatched: false,
  sent: 0,
  received: 0,
  lastReceived: undefined,
  lost: 0,
  dropped: 0,
  refused: new Map(),
  failed: new Map(),
  largest: undefined,
  otherSources: [],
  sniffed: [],
};

/** Nothing is known but the two ends. */
const BLIND: SilenceFacts = {
  question: {
    to: { address: "127.0.0.1", port: 9999 },
    from: undefined,
    pid: undefined,
    length: undefined,
  },
  traffic: QUIET,
  now: 1e15,
  sockets: undefined,
  tcpListeners: [],
  addresses: [],
  mtus: new Map(),
  way: undefined,
  routes: undefined,
  neighbours: [],
  groups: undefined,
  takesIpv4: undefined,
  expired: undefined,
  surroundings: undefined,
  remoteName: "",
  firewall: "",
  probe: undefined,
};

const SOCKET: OwnedSocket = {
  key: "1",
  address: "127.0.0.1",
  port: 9999,
  family: "IPv4",
  zone: "",
  peer: undefined,
  inode: 1,
  uid: 0,
  pid: 4242,
  processName: "",
  receiveQueue: 0,
  drops: 0,
  program: "server.js",
};

function found(facts: Partial<SilenceFacts>, check: Check) {
  const one = explainSilence({ ...BLIND, ...facts }).find((checked) => checked.check === check);
  return [one?.found, one?.reason];
}

const asked = (to: string, from?: string): Pick<SilenceFacts, "question"> => ({
  question: {
    ...BLIND.question,
    to: { address: to, port: 9999 },
    from: from === undefined ? undefined : { address: from, port: 5000 },
  },
});
const traffic = (it: Partial<Traffic>): Pick<SilenceFacts, "traffic"> => ({
  traffic: { ...QUIET, ...it },
});

describe("the checks of silence", () => {
  it("are all made, whatever is known", () => {
    const checks = explainSilence(BLIND).map(({ check }) => check);
    assert.deepEqual([...checks].sort(), Object.keys(CHECK_DOCS).sort());
  });

  it("find no cause where nothing can be read, wherever it is sent from and to", () => {
    const address = fc.constantFrom(
      ...["127.0.0.1", "10.0.0.1", "10.0.0.255", "255.255.255.255", "239.1.2.3", "0.0.0.0"],
    );
    fc.assert(
      fc.property(address, fc.option(address, { nil: undefined }), (to, from) => {
        const all = explainSilence({ ...BLIND, ...asked(to, from) });
        // From loopback alone it is known that it leaves no machine.
        const isBarred = from === "127.0.0.1" || to === "127.0.0.1";
        assert.ok(isBarred || all.every((one) => one.found !== "cause"), JSON.stringify(all));
      }),
    );
  });

  it("come to the same in whatever order the sockets are listed", () => {
    const socket = fc.record({
      address: fc.constantFrom("127.0.0.1", "0.0.0.0", "::", "10.0.0.1"),
      pid: fc.constantFrom(1, 2, 4242),
      receiveQueue: fc.constantFrom(0, 768),
    });
    fc.assert(
      fc.property(fc.array(socket, { maxLength: 5 }), (made) => {
        const sockets = made.map((one, at) => ({ ...SOCKET, ...one, key: `${at}`, program: "" }));
        const told = (all: readonly OwnedSocket[]) => explainSilence({ ...BLIND, sockets: all });
        assert.deepEqual(told(sockets.toReversed()), told(sockets));
      }),
    );
  });

  it("end with one thing to do, whatever they find that may be it", () => {
    const reasons = Object.keys(SILENCE_DOCS);
    for (const reason of Object.keys(REMEDY_DOCS)) assert.ok(reasons.includes(reason), reason);
    const next = remedyOf(explainSilence({ ...BLIND, sockets: [] }));
    assert.equal(next, "nobody");
  });

  it("say what the capture tells, for certain", () => {
    assert.deepEqual(found(traffic({ dropped: 3 }), "rule"), ["cause", "droppedByRule"]);
    const failed = (code: string) => traffic({ failed: new Map([[code, 2]]) });
    assert.deepEqual(found(failed("EPERM"), "firewall"), ["cause", "firewallRefuses"]);
    assert.deepEqual(found(failed("EMSGSIZE"), "size"), ["cause", "tooLarge"]);
    assert.deepEqual(found(failed("ENETUNREACH"), "route"), ["cause", "noWay"]);
    assert.deepEqual(found(failed("EACCES"), "permission"), ["cause", "notPermitted"]);
    assert.deepEqual(found(failed("ENOBUFS"), "permission"), ["cause", "failedToSend"]);
    assert.deepEqual(found(failed("ECONNREFUSED"), "refused"), ["cause", "refusedPort"]);
    const refused = (reason: "host" | "network" | "prohibited" | "other" | "tooLarge") =>
      traffic({ refused: new Map([[reason, 1]]) });
    assert.deepEqual(found(refused("host"), "refused"), ["cause", "refusedHost"]);
    assert.deepEqual(found(refused("network"), "refused"), ["cause", "refusedNetwork"]);
    assert.deepEqual(found(refused("prohibited"), "refused"), ["cause", "refusedProhibited"]);
    assert.deepEqual(found(refused("other"), "refused"), ["cause", "refusedOther"]);
    assert.deepEqual(found(refused("tooLarge"), "size"), ["cause", "tooLargeOnWay"]);
  });

  it("tell what comes now from what came before", () => {
    const heard = (secondsAgo: number) =>
      traffic({ received: 5, lastReceived: BLIND.now - secondsAgo * 1e6, isReceiverWatched: true });
    assert.deepEqual(found(heard(1), "arrives"), ["cause", "arriving"]);
    assert.deepEqual(found(heard(60), "arrives"), ["unknown", "arrivedBefore"]);
    const watched = traffic({ isReceiverWatched: true });
    assert.deepEqual(found(watched, "arrives"), ["unknown", "nothingArrived"]);
  });

  it("say where the programs run, where that may be why, and never for certain", () => {
    for (const [surroundings, reason] of [
      ["remote", "remoteMachine"],
      ["wsl", "wsl"],
      ["container", "container"],
    ] as const) {
      assert.deepEqual(found({ surroundings }, "machine"), ["possible", reason]);
      const local = asked("127.0.0.1", "127.0.0.1");
      assert.deepEqual(found({ surroundings, ...local }, "machine"), ["ruledOut", "sameMachine"]);
    }
  });

  it("do not know of a firewall that is on whether it is the one", () => {
    assert.deepEqual(found({ firewall: "ufw" }, "firewall"), ["possible", "firewallOn"]);
    assert.deepEqual(found({}, "firewall"), ["unknown", "firewallUnknown"]);
  });

  it("know of [::] where the system does not tell that it may be for IPv6 alone", () => {
    const socket: OwnedSocket = { ...SOCKET, address: "::", family: "IPv6" };
    assert.deepEqual(found({ sockets: [socket] }, "family"), ["unknown", "maybeOnlyIpv6"]);
    const sure = (takesIpv4: boolean) => found({ sockets: [socket], takesIpv4 }, "family");
    assert.deepEqual(sure(true), ["ruledOut", "sameFamily"]);
    assert.deepEqual(sure(false), ["cause", "onlyIpv6"]);
  });

  it("hold datagrams that were lost before for a reason that may be", () => {
    const lossy = { ...SOCKET, drops: 7 };
    assert.deepEqual(found({ sockets: [lossy] }, "buffer"), ["possible", "bufferLost"]);
    const unknown = { ...SOCKET, drops: undefined, receiveQueue: undefined };
    assert.deepEqual(found({ sockets: [unknown] }, "buffer"), ["unknown", "bufferUnknown"]);
    const missing = { sockets: [unknown], ...traffic({ lost: 3 }) };
    assert.deepEqual(found(missing, "buffer"), ["possible", "lostOnWay"]);
    // Where the system says that it has thrown none away, it was not there.
    const none = { sockets: [SOCKET], ...traffic({ lost: 3 }) };
    assert.deepEqual(found(none, "buffer"), ["ruledOut", "bufferFine"]);
  });

  it("hold a stranger's datagrams from the same machine for no answers", () => {
    const client = { ...SOCKET, port: 5000, peer: { address: "127.0.0.1", port: 9999 }, key: "2" };
    const from = (isOfReceiver: boolean) => ({
      ...asked("127.0.0.1", "127.0.0.1"),
      ...traffic({ otherSources: [{ address: "127.0.0.1", port: 7, isOfReceiver }] }),
      sockets: [SOCKET, client],
    });
    assert.deepEqual(found(from(true), "connected"), ["cause", "answersFromOther"]);
    assert.deepEqual(found(from(false), "connected"), ["possible", "maybeAnswersFromOther"]);
  });

  it("count the fragments of a large datagram", () => {
    const facts = {
      ...asked("10.0.0.2", "10.0.0.1"),
      addresses: [{ device: "eth0", address: "10.0.0.1", prefixLength: 24 }],
      way: { source: "10.0.0.1", device: "eth0" },
      mtus: new Map([["eth0", 1500]]),
    };
    const of = (length: number) => {
      const all = explainSilence({ ...BLIND, ...facts, ...traffic({ largest: length }) });
      const { found, arguments: words } =
        all.find(({ check }) => check === "size") ?? assert.fail();
      return [found, ...words];
    };
    assert.deepEqual(of(1472), ["unknown", "1472"]);
    assert.deepEqual(of(1473), ["possible", "1473", "2", "eth0", "1500"]);
    // 1,480 bytes of each packet, the UDP header among them.
    assert.deepEqual(of(2 * 1480 - 8), ["possible", "2952", "2", "eth0", "1500"]);
    assert.deepEqual(of(2 * 1480 - 7), ["possible", "2953", "3", "eth0", "1500"]);
  });
});
