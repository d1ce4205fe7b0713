import assert from "node:assert/strict";
import type { CapturedSocket } from "../../../../extension/core/capture/captured_socket.ts";
import type { Command } from "../../../../extension/host/base/command.ts";
import type { RuleMark } from "../../../../extension/host/ports/rule_mark.ts";
import type { Sending } from "../../../../extension/host/send/sending.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const { BadNetworks } = await import("../../../../extension/host/rules/bad_networks.ts");
const { setRules } = await import("../../../../extension/host/rules/set_rules.ts");

const socketOf = (id: number, runtime = "node 24.0.0") =>
  ({
    id,
    name: `127.0.0.1:${9000 + id}`,
    state: "bound",
    program: { name: "x.js", runtime },
  }) as unknown as CapturedSocket;

describe("the bad networks of a window", () => {
  let asked: string[];
  /** What the ports are marked with, by the ids of their sockets. */
  let marked: ReadonlyMap<number, readonly RuleMark[]>;
  const ports = {
    showRules: (marks: typeof marked) => {
      marked = marks;
    },
  };
  let error: string | undefined;
  /** Which programs have rules, when they are told that these are still wanted. */
  let keeps: (socket: CapturedSocket) => boolean;
  let networks: ReturnType<typeof BadNetworks.of>;
  let command: Pick<Command<"udpWorkbench.setRules", never>, "parse">;

  beforeEach(() => {
    asked = [];
    error = undefined;
    const sending = {
      add: (it: unknown) => it,
      live: {
        capture: { sockets: { open: () => [] }, firstId: 0, endId: 0 },
        onDidChange: () => ({ dispose: () => {} }),
      },
      outbox: {
        setRules: async ({ name }: CapturedSocket, rules: readonly object[]) => {
          asked.push(`${name} ${JSON.stringify(rules)}`);
          return error;
        },
        keepRules: async (socket: CapturedSocket) => {
          asked.push(`keep ${socket.name}`);
          return keeps(socket);
        },
      },
    } as unknown as Sending;
    networks = BadNetworks.of(sending, ports);
    command = setRules(sending, ports) as unknown as typeof command;
  });
  afterEach(() => networks.dispose());

  it("are those of which the programs have said so, and end one by one or all at once", async () => {
    const rules = [{ direction: "in", drop: 5 }] as const;
    await networks.set(socketOf(1), rules);
    await networks.set(socketOf(2), rules);
    error = "NO_SOCKET";
    await assert.rejects(networks.set(socketOf(3), rules), /127.0.0.1:9003 bad: NO_SOCKET\.$/);
    assert.deepEqual(networks.rulesOf(socketOf(1)), rules);
    assert.deepEqual(
      networks.sockets.map(({ id }) => id),
      [1, 2],
    );
    error = undefined;
    await networks.set(socketOf(1), []);
    assert.deepEqual(
      networks.sockets.map(({ id }) => id),
      [2],
    );
    asked.length = 0;
    assert.equal(await networks.stopAll(), 1);
    assert.deepEqual(asked, ["127.0.0.1:9002 []"]);
    assert.equal(await networks.stopAll(), 0);
  });

  it("mark their ports, and say which rules for whom", async () => {
    const [socket, other] = [socketOf(1), socketOf(2)];
    await networks.set(socket, [
      { direction: "out", peer: "[0:0::1]:5000", delay: 50, jitter: 10 },
      { direction: "in", drop: 5, seed: 7 },
    ]);
    await networks.set(other, [{ direction: "out", burst: { begin: 1, end: 25 } }]);
    const texts = (id: number) => marked.get(id)?.map(({ peer, text }) => [peer, text]);
    assert.deepEqual(texts(1), [
      ["[::1]:5000", "A rule is on for what goes to [::1]:5000: delay 50ms jitter 10ms."],
      [undefined, "A rule is on for what comes in: drop 5% seed 7."],
    ]);
    assert.deepEqual(texts(2), [[undefined, "A rule is on for what goes out: burst 1%/25%."]]);
    await networks.set(socket, []);
    assert.deepEqual([...marked.keys()], [2]);
    await networks.stopAll();
    assert.deepEqual([...marked.keys()], []);
  });

  it("are wanted again and again where programs go on, and end with those that do not", async () => {
    const { setTimeout } = globalThis;
    const due: (() => void)[] = [];
    globalThis.setTimeout = ((run: () => void) => due.push(run)) as unknown as typeof setTimeout;
    try {
      const [ended, deaf, going] = [socketOf(1), socketOf(2), socketOf(3)];
      for (const socket of [ended, deaf, going]) {
        await networks.set(socket, [{ direction: "in", drop: 5 }]);
      }
      Object.assign(ended, { state: "closed" });
      keeps = ({ id }) => id === going.id;
      for (const told of [[deaf, going], [going], [going]]) {
        asked.length = 0;
        due.pop()?.();
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(
          asked,
          told.map(({ name }) => `keep ${name}`),
        );
        assert.deepEqual(
          networks.sockets.map(({ id }) => id),
          [going.id],
        );
        assert.deepEqual([...marked.keys()], [going.id]);
      }
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  });

  it("are of JavaScript and Python programs alone, which is said", async () => {
    await assert.rejects(
      networks.set(socketOf(1, "strace 6.1"), [{ direction: "in" }]),
      /x\.js is no JavaScript or Python program; put a relay in front of it\.$/,
    );
    assert.deepEqual(asked, []);
  });

  it("take no rules that are none, nor a port that nobody has bound", () => {
    assert.throws(
      () => command.parse({ socket: 5, rules: [] }),
      /Cannot use the option socket: it must be a bound port/,
    );
  });
});
