import assert from "node:assert/strict";
import { Capture } from "../../extension/core/capture/capture.ts";
import { FileSink } from "../../extension/core/capture/file_sink.ts";
import { Refusals } from "../../extension/core/capture/refusals.ts";
import { Direction, REFUSALS, type Refusal } from "../../extension/core/files/capture_sink.ts";
import type { Endpoint } from "../../extension/core/wire/endpoint.ts";
import { SEND_FAILED, SEND_UNFINISHED } from "../../extension/core/wire/tap_identity.ts";
import type { CaptureSource } from "../../extension/host/capture/capture_source.ts";
import { datagramFacts } from "../../extension/host/words/datagram_facts.ts";
import { datagramRecord } from "../support/datagram_record.ts";

const server = { address: "127.0.0.1", port: 9999 };
const client = { address: "127.0.0.1", port: 53211 };
const START = 1_700_000_000_000_000;

interface Recorded {
  readonly at?: number;
  readonly from?: Endpoint;
  readonly to?: Endpoint;
  readonly length?: number;
  readonly captured?: number;
  readonly comment?: string;
  /** A message says later that it was refused. */
  readonly refusal?: Refusal;
}

interface Seen {
  readonly isLive?: boolean;
  /** Which record is meant: the client's come first. */
  readonly record?: number;
  /** How long after the first it is looked at, microseconds. */
  readonly after?: number;
}

/** What is said of the first datagram that the client recorded, or else of the first; `*` marks an anomaly. */
function facts(
  byClient: readonly Recorded[],
  byServer: readonly Recorded[],
  { isLive = true, record = 0, after = 60_000_000 }: Seen = {},
): string[] {
  const capture = new Capture();
  capture.findRefusals(Refusals);
  const ends = [client, server].entries();
  for (const [index, end] of ends) {
    const sink = new FileSink({
      capture,
      file: capture.addFile(String(index)),
      writer: String(index),
      clearedBefore: 0,
    });
    const program = index === 0 ? "client.ts" : "server.ts";
    sink.section({
      application: `node 24.0.0, pid ${index + 1}, ppid 1: /${program}`,
      os: "",
      comments: [],
    });
    const name = `${end.address}:${end.port}`;
    sink.interface({
      id: 0,
      name,
      description: `${program}, pid ${index + 1}, socket 1`,
      comments: [],
    });
    sink.statistics({ id: 0, startTime: START - 1_000_000 }, 0, 0);
    for (const {
      at = 0,
      from = client,
      to = server,
      length = 7,
      captured = length,
      comment = "",
      refusal,
    } of index === 0 ? byClient : byServer) {
      const direction = from.port === end.port ? Direction.out : Direction.in;
      const rest = { time: START + at, direction, length, capturedLength: captured, comment };
      sink.datagram(datagramRecord(from, to, rest));
      const message = { ...rest, time: START + at + 100, direction: Direction.in };
      if (refusal) sink.refusal(datagramRecord(from, to, message), refusal);
    }
  }
  capture.commit();
  capture.settle(START + after);
  const source = { capture, isLive } as CaptureSource;
  return datagramFacts(source, capture.firstId + record).map(({ text, isAnomaly }) =>
    isAnomaly ? `* ${text}` : text,
  );
}

describe("what is said of a datagram", () => {
  const elsewhere = { address: "192.0.2.7", port: 53 };

  it("is how long it was on its way", () => {
    assert.deepEqual(facts([{}], [{ at: 200 }]), [
      "Delivered: server.ts received it 0.2 ms after client.ts had sent it.",
    ]);
  });

  it("is that it was lost, with what that teaches, and what is not known of one that came in", () => {
    const [lost = "", lesson = ""] = facts([{}], []);
    assert.match(lesson, /^Most often the receive buffer was full/);
    assert.match(
      lost,
      /^\* Lost: 127\.0\.0\.1:9999 was tapped and did not receive it within a second\./,
    );
    assert.match(
      facts([], [{ comment: "" }])[0] ?? "",
      /^Received\. When it was sent is not known: .* from 127\.0\.0\.1:53211\.$/,
    );
  });

  it("is that it is still on its way, for as long as it is not lost", () => {
    assert.deepEqual(facts([{}], [], { after: 999_000 }), [
      "Sent: 127.0.0.1:9999 is tapped and has not received it yet.",
    ]);
    assert.match(facts([{}], [], { after: 1_001_000 })[0] ?? "", /^\* Lost/);
  });

  it("is that it was duplicated, with what that teaches, of the second to come alone", () => {
    const doubled = [{ at: 200 }, { at: 400 }];
    assert.deepEqual(facts([{}], doubled, { record: 2 }), [
      "* Duplicated: 127.0.0.1:9999 received this payload once more than it was sent.",
      "On its way a datagram can be doubled; UDP does not prevent that.",
    ]);
    assert.match(facts([{}], doubled, { record: 1 }).join(), /^Delivered: server\.ts[^*]*$/);
  });

  it("is what cannot be known of it", () => {
    const [sent] = facts([{ to: elsewhere }], []);
    assert.equal(
      sent,
      "Sent. Whether it arrived is not known: no tapped program is known to have had 192.0.2.7:53 then.",
    );
    const [unfinished = ""] = facts([{ to: elsewhere, comment: SEND_UNFINISHED }], []);
    assert.match(unfinished, /^\* Sent or not, nobody knows/);
  });

  for (const [comment, sentence] of [
    [
      "EMSGSIZE (70000 bytes)",
      /^\* Too large: 70,000 bytes do not fit into one datagram, which carries 65,507/,
    ],
    ["ECONNREFUSED", /^\* Not sent: .* no program has 127\.0\.0\.1:9999/],
    ["ENETUNREACH", /^\* Not sent: this machine knows no way to the network of 127\.0\.0\.1:9999/],
    ["EACCES", /^\* Not sent: .* is a broadcast address/],
    ["\u001b[2J", /^\* Not sent: the system refused it \(\\x1b\[2J\)\.$/],
    ["constructor", /^\* Not sent: the system refused it \(constructor\)\.$/],
  ] as const) {
    it(`is why it was not sent: ${JSON.stringify(comment)}`, () => {
      const said = facts([{ comment: SEND_FAILED + comment }], []);
      assert.match(said[0] ?? "", sentence);
      assert.equal(said.length, 1, said.join("\n"));
    });
  }

  it("is why it was refused, and that it may have been an equal one before it", () => {
    for (const refusal of REFUSALS) {
      const [said = "", lesson = ""] = facts([{ refusal }], []);
      assert.match(said, /^\* Refused: .*127\.0\.0\.1:9999.* \(ICMP\)\.$/);
      assert.equal(lesson.includes("connected"), refusal === "port");
    }
    const to = elsewhere;
    const [, unsure = ""] = facts([{ to }, { at: 5, to, refusal: "host" }], [], { record: 1 });
    assert.match(unsure, /^It, or another one/);
  });

  it("is that it came from another machine, where this machine's addresses are known", () => {
    const record = { from: elsewhere, to: client };
    assert.ok(
      facts([record], []).includes("* From outside: 192.0.2.7 is no address of this machine."),
    );
    assert.ok(!facts([record], [], { isLive: false }).join().includes("From outside"));
    assert.ok(
      !facts([{ from: server, to: client }], [])
        .join()
        .includes("From outside"),
    );
  });

  it("is how many fragments a network would make of it, where one packet does not hold it", () => {
    const told = (length: number, address: string) => {
      const ends = { from: { address, port: 1 }, to: { address, port: 2 } };
      const said = facts([{ ...ends, length }], []).join("\n");
      return Number(/^Over Ethernet .* is ([\d,]+) fragments/m.exec(said)?.[1]?.replace(",", ""));
    };
    for (const [length, v4, v6] of [
      [1452, Number.NaN, Number.NaN],
      [1453, Number.NaN, 2],
      [1472, Number.NaN, 2],
      [1473, 2, 2],
      [2892, 2, 2],
      [2893, 2, 3],
      [2952, 2, 3],
      [2953, 3, 3],
      [65_507, 45, 46],
    ] as const) {
      assert.deepEqual([told(length, "10.0.0.1"), told(length, "::1")], [v4, v6], `${length}`);
    }
    const failed = { length: 65_507, comment: `${SEND_FAILED}EMSGSIZE (70000 bytes)` };
    assert.doesNotMatch(facts([failed], []).join(), /fragments/);
  });

  it("is what is missing of it, and that nothing is missing of an empty one", () => {
    const [, cut] = facts([{ to: elsewhere, length: 1024, captured: 548 }], []);
    assert.equal(cut, "* Cut: only the first 548 of its 1,024 bytes were recorded.");
    const [, empty] = facts([{ to: elsewhere, length: 0 }], []);
    assert.equal(empty, "It has no payload, which UDP allows: its header is all that was sent.");
  });
});
