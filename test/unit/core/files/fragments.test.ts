import assert from "node:assert/strict";
import fc from "fast-check";
import { PcapReader } from "../../../../extension/core/files/pcap_reader.ts";
import { ipv4Fragments, ipv6Fragments, partsOf } from "../../support/fragment_packets.ts";
import { ipv4Packet, ipv6Packet } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { tell } from "../../support/tell.ts";

const PAYLOAD = Array.from({ length: 3000 }, (_, index) => String.fromCharCode(97 + (index % 26)));
const TEXT = PAYLOAD.join("");
/** UDP header and payload. */
const PARTS = partsOf(8 + TEXT.length, 1480);

/** What a capture of these packets holds, a second between one and the next. */
function read(packets: readonly Uint8Array[], seconds = 1) {
  const file = new PcapBytes();
  for (const [index, packet] of packets.entries()) file.packet(index * seconds, 0, packet);
  const told = tell(file.bytes, undefined, (sink) => new PcapReader(sink));
  return { ...told, bytes: file.bytes };
}

for (const [name, fragments] of [
  ["IPv4", ipv4Fragments(ipv4Packet(TEXT), PARTS)],
  ["IPv6", ipv6Fragments(ipv6Packet(TEXT), PARTS)],
] as const) {
  describe(`fragments of ${name}`, () => {
    it("are one datagram, in whatever order they come", () => {
      assert.equal(fragments.length, 3);
      fc.assert(
        fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (order) => {
          const packets = order.map((index) => fragments[index] ?? new Uint8Array());
          const { datagrams, others, bytes } = read(packets);
          assert.deepEqual(
            datagrams.map(({ payload, length, time, ports }) => [payload, length, time, ports]),
            [[TEXT, 3000, 2e6, [53211, 9999]]],
          );
          assert.deepEqual(others, [], "they are told as no fragments any more");
          // What is in the file at its pieces is the payload.
          const pieces = [...(datagrams[0]?.pieces ?? [])];
          const parts: Uint8Array[] = [];
          for (let at = 0; at < pieces.length; at += 2) {
            const from = pieces[at] ?? 0;
            parts.push(bytes.subarray(from, from + (pieces[at + 1] ?? 0)));
          }
          assert.equal(Buffer.concat(parts).toString(), TEXT);
        }),
      );
    });

    it("are counted where one is missing, however many there are", () => {
      for (const missing of [0, 1, 2]) {
        const { datagrams, others } = read(fragments.filter((_, index) => index !== missing));
        assert.deepEqual([datagrams, others], [[], ["fragment", "fragment"]], `without ${missing}`);
      }
    });

    it("wait for each other for 30 s of the capture's time", () => {
      assert.equal(read(fragments, 15).datagrams.length, 1);
      assert.equal(read(fragments, 16).datagrams.length, 0);
    });

    it("may come twice", () => {
      const [first, second, third] = fragments;
      assert.ok(first && second && third);
      const { datagrams, others } = read([first, first, second, second, third]);
      assert.deepEqual([datagrams.length, others], [1, []]);
    });

    it("are as long as they were where the capture has cut them", () => {
      const file = new PcapBytes();
      for (const packet of fragments) file.packet(1, 0, packet.subarray(0, 1000), packet.length);
      const { datagrams } = tell(file.bytes, undefined, (sink) => new PcapReader(sink));
      const [only] = datagrams;
      assert.equal(only?.length, 3000);
      assert.equal(only?.payload, TEXT.slice(0, only?.payload.length), "up to the first gap");
      assert.ok((only?.payload.length ?? 0) > 900);
    });

    it("that overlap are refused, and all that comes of that packet", () => {
      const packet = name === "IPv4" ? ipv4Packet(TEXT) : ipv6Packet(TEXT);
      const make = name === "IPv4" ? ipv4Fragments : ipv6Fragments;
      for (const overlap of [
        [1472, 1536],
        [0, 2000],
        [1480, 8],
        [0, 8],
      ] as const) {
        const packets = [...fragments.slice(0, 2), ...make(packet, [overlap]), ...fragments];
        const { datagrams, others } = read(packets, 0);
        assert.deepEqual([datagrams, others.length], [[], 6], overlap.join());
      }
      // The same place with other bytes.
      const other = fragments[0]?.slice() ?? new Uint8Array();
      other[other.length - 1] = 0;
      assert.deepEqual(read([fragments[0] ?? other, other, ...fragments.slice(1)]).datagrams, []);
    });

    it("of two packets are told apart by their identification", () => {
      const make = name === "IPv4" ? ipv4Fragments : ipv6Fragments;
      const packet =
        name === "IPv4" ? ipv4Packet("second".repeat(500)) : ipv6Packet("second".repeat(500));
      const second = make(packet, PARTS, 8);
      const mixed = fragments.flatMap((fragment, index) => [fragment, second[index] ?? fragment]);
      const { datagrams } = read(mixed);
      assert.deepEqual(
        datagrams.map(({ payload }) => payload),
        [TEXT, "second".repeat(500)],
      );
    });
  });
}

describe("fragments", () => {
  it("that never become whole cost as much as a few, and what comes later is joined", () => {
    const packets: Uint8Array[] = [];
    const short = ipv4Packet("0123456789");
    const parts = partsOf(18, 8);
    const count = 1100;
    for (let id = 0; id < count; id++) packets.push(...ipv4Fragments(short, parts.slice(0, 1), id));
    packets.push(...ipv4Fragments(short, parts, 60_000));
    const { datagrams, others } = read(packets, 0);
    assert.deepEqual([datagrams.length, others.length], [1, count]);
    // The oldest went first: the others were waited for.
    const rest = (id: number) => ipv4Fragments(short, parts.slice(1), id);
    assert.equal(read([...packets, ...rest(0)], 0).datagrams.length, 1);
    assert.equal(read([...packets, ...rest(count - 1)], 0).datagrams.length, 2);
  });

  it("of eight bytes in the worst order take no longer each than in the best", () => {
    const time = (bytes: number) => {
      const packet = ipv4Packet(new Uint8Array(bytes));
      const packets = ipv4Fragments(packet, partsOf(8 + bytes, 8)).reverse();
      const file = new PcapBytes();
      for (const one of packets) file.packet(1, 0, one);
      const { bytes: content } = file;
      // What others on the machine cost stays out of the quickest of several.
      const rounds = Array.from({ length: 7 }, () => {
        const before = process.cpuUsage();
        const told = tell(content, undefined, (sink) => new PcapReader(sink));
        const { user, system } = process.cpuUsage(before);
        assert.equal(told.datagrams.length, 1);
        return user + system;
      });
      return Math.min(...rounds);
    };
    time(2000);
    const [small, large] = [time(8000), time(32_000)];
    assert.ok(
      large < small * 12,
      `4 times as many took ${(large / small).toFixed(1)} times as long`,
    );
  });

  it("never make a payload up, whatever comes", () => {
    const part = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 200 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const packet = ipv4Packet(TEXT.slice(0, 400));
        const packets = parts.map(([offset, length]) => {
          const end = Math.min(packet.length - 20, offset * 8 + length);
          return ipv4Fragments(packet, [[offset * 8, Math.max(0, end - offset * 8)]])[0] ?? packet;
        });
        const { datagrams, others } = read(packets);
        for (const { payload } of datagrams) assert.equal(payload, TEXT.slice(0, 400));
        assert.ok(others.length <= packets.length);
      }),
      { numRuns: 500 },
    );
  });
});
