import assert from "node:assert/strict";
import fc from "fast-check";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { writeIpv4Headers } from "../../../../extension/core/files/packet/packet.ts";
import { PcapngReader } from "../../../../extension/core/files/pcapng/reader.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";
import { tell } from "../../support/tell.ts";

const TIME = 1_700_000_000_123_456n;

/** A raw IP packet with a UDP datagram from port 1 to port 2. */
function packet(payload: string): number[] {
  const bytes = new Uint8Array(28 + payload.length);
  writeIpv4Headers(new DataView(bytes.buffer), 0, 0x7f000001, 0x7f000001, 1, 2, payload.length);
  bytes.set(new TextEncoder().encode(payload), 28);
  return [...bytes];
}

for (const littleEndian of [true, false]) {
  const order = littleEndian ? "little-endian" : "big-endian";
  const file = (): PcapngBytes => new PcapngBytes(littleEndian);

  describe(`PcapngReader, ${order}`, () => {
    it("tells sections, interfaces, datagrams and statistics with their options", () => {
      const f = file();
      f.section([
        ...f.text(1, "first"),
        ...f.text(1, "second"),
        ...f.text(3, "linux"),
        ...f.text(4, "äpp"),
        ...f.text(2, "the hardware"),
        ...f.option(0, []),
        ...f.text(1, "behind the end"),
      ]);
      f.interface([...f.text(2, "127.0.0.1:9999"), ...f.text(3, "what\0for"), ...f.text(1, "odd")]);
      f.packet(0, TIME, packet("Michael"), [
        ...f.option(2, f.u32(2)),
        ...f.option(4, f.u64(5n)),
        ...f.text(1, "one"),
        ...f.text(1, "two"),
        ...f.option(2988, [1, 2, 3]),
        ...f.option(0, []),
      ]);
      f.packet(0, TIME + 1n, packet("x"), [...f.option(2, f.u32(1)), ...f.option(0, [])]);
      f.packet(0, TIME + 2n, packet(""));
      const statistics = [...f.u32(0), ...f.u32(0), ...f.u32(0)];
      const end = [...f.u32(Number(TIME >> 32n)), ...f.u32(Number(TIME & 0xffff_ffffn))];
      f.block(5, [
        ...statistics,
        ...f.option(2, [...f.u32(0), ...f.u32(5)]),
        ...f.option(3, end),
        ...f.option(4, f.u64(7n)),
        ...f.option(5, f.u64(1n)),
        ...f.option(7, f.u64(0n)),
      ]);
      f.block(5, statistics);
      const told = tell(f.bytes);

      assert.equal(told.problem, undefined);
      assert.equal(told.consumed, f.bytes.length);
      const comments = ["first", "second"];
      assert.deepEqual(told.sections, [{ application: "äpp", os: "linux", comments }]);
      assert.deepEqual(told.interfaces, [
        { id: 0, name: "127.0.0.1:9999", description: "what", comments: ["odd"] },
      ]);
      const [first, second, third] = told.datagrams;
      assert.deepEqual(
        { ...first, payloadFileOffset: 0 },
        {
          interfaceId: 0,
          time: Number(TIME),
          direction: Direction.out,
          ports: [1, 2],
          payload: "Michael",
          payloadFileOffset: 0,
          length: 7,
          dropped: 5,
          comment: "one; two",
        },
      );
      assert.deepEqual([second?.direction, second?.comment, second?.dropped], [1, "", 0]);
      assert.deepEqual([third?.direction, third?.payload, third?.length], [0, "", 0]);
      assert.deepEqual(told.statistics, [
        { id: 0, startTime: 5, endTime: Number(TIME), received: 7, dropped: 1, osDropped: 0 },
        { id: 0 },
      ]);
    });

    it("takes no option for its neighbour, and none of a length that it cannot have", () => {
      const f = file().section();
      f.interface([
        ...f.option(8, f.u64(1_000_000_000n)), // if_speed
        ...f.option(7, f.u64(0x0200_5eff_fe00_5301n)), // if_EUIaddr
        ...f.option(13, [4]), // if_fcslen
        ...f.option(9, [9, 9]),
        ...f.option(14, f.u32(3600)),
        ...f.text(12, "an operating system"),
        ...f.option(2, [0, 97]),
      ]);
      f.packet(0, TIME, packet("x"), [
        ...f.option(2, [2, 0]),
        ...f.option(4, f.u32(3)),
        ...f.option(5, f.u64(7n)), // epb_packetid
        ...f.option(6, f.u32(1)), // epb_queue
      ]);
      f.block(5, [
        ...[...f.u32(0), ...f.u32(0), ...f.u32(0)],
        ...f.option(6, f.u64(8n)), // isb_filteraccept
        ...f.option(8, f.u64(9n)), // isb_usrdeliv
        ...f.option(5, f.u32(10)),
      ]);
      const told = tell(f.bytes);
      assert.equal(told.problem, undefined);
      assert.deepEqual(told.interfaces, [{ id: 0, name: "", description: "", comments: [] }]);
      const [datagram] = told.datagrams;
      assert.deepEqual(
        [datagram?.time, datagram?.direction, datagram?.dropped, datagram?.comment],
        [Number(TIME), Direction.unknown, 0, ""],
      );
      assert.deepEqual(told.statistics, [{ id: 0 }]);
    });

    it("reads options up to the block's last byte, and none that claims more", () => {
      const f = file();
      const short = (code: number, claimed: number) => [
        ...f.u16(code),
        ...f.u16(claimed),
        65,
        66,
        67,
        68,
      ];
      f.section([...f.text(3, "os"), ...f.text(1, "last"), ...f.option(1, [])]);
      f.section([...f.text(3, "os"), ...short(1, 4), ...short(1, 5)]);
      f.interface([...f.text(2, "eth0"), ...f.text(3, "four")]).interface(short(2, 5));
      f.packet(0, TIME, packet("x"), f.text(1, "four"));
      f.packet(0, TIME, packet("x"), short(1, 5));
      f.packet(0, TIME, packet("x"), short(1, 8));
      const told = tell(f.bytes);
      assert.equal(told.problem, undefined);
      assert.deepEqual(
        told.sections.map(({ comments }) => comments),
        [["last", ""], ["ABCD"]],
      );
      assert.deepEqual(
        told.interfaces.map(({ name, description }) => [name, description]),
        [
          ["eth0", "four"],
          ["", ""],
        ],
      );
      assert.deepEqual(
        told.datagrams.map(({ comment }) => comment),
        ["four", "", ""],
      );
    });

    it("tells where in the file a payload is", () => {
      const f = file()
        .section()
        .interface()
        .packet(0, TIME, packet("here"))
        .packet(0, TIME, packet("there"));
      for (const chunk of [f.bytes.length, 60]) {
        for (const { payload, payloadFileOffset } of tell(f.bytes, chunk).datagrams) {
          const found = f.bytes.subarray(payloadFileOffset, payloadFileOffset + payload.length);
          assert.equal(new TextDecoder().decode(found), payload);
        }
      }
    });

    it("takes the direction from the link layer where the options tell none", () => {
      const cooked = [0, 4, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, ...packet("x")];
      const f = file().section().interface([], 113).packet(0, TIME, cooked);
      for (const flags of [0, 1, 3]) f.packet(0, TIME, cooked, f.option(2, f.u32(flags)));
      for (const flags of [0, 1]) {
        f.packet(0, TIME, cooked, [...f.option(2, f.u32(flags)), ...f.option(0, [])]);
      }
      const { out, in: toUs } = Direction;
      assert.deepEqual(
        tell(f.bytes).datagrams.map(({ direction }) => direction),
        [out, out, toUs, out, out, toUs],
      );
    });

    it("understands each resolution and offset of time stamps", () => {
      const microseconds = 1_700_000_000_123_456n;
      const cases: readonly [resolution: number, units: bigint, expected: bigint][] = [
        [6, microseconds, microseconds],
        [9, microseconds * 1000n + 999n, microseconds],
        [0, 1_700_000_000n, 1_700_000_000_000_000n],
        [3, 1_700_000_000_123n, 1_700_000_000_123_000n],
        [7, microseconds * 10n + 9n, microseconds],
        [10, microseconds * 10_000n + 9_999n, microseconds],
        [12, 1_700_000_000_123_456n * 1_000n, 1_700_000_000_123_456n / 1000n],
        [0x80 | 10, 1_700_000_000n * 1024n + 512n, 1_700_000_000_500_000n],
        [0x80 | 20, (1_700_000_000n << 20n) + 1n, 1_700_000_000_000_000n],
        [0x80, 1_700_000_000n, 1_700_000_000_000_000n],
        [0x80 | 6, 1_700_000_000n * 64n + 32n, 1_700_000_000_500_000n],
      ];
      for (const [resolution, units, expected] of cases) {
        const f = file();
        f.section()
          .interface(f.option(9, [resolution]))
          .packet(0, units, packet("x"));
        assert.equal(
          tell(f.bytes).datagrams[0]?.time,
          Number(expected),
          `resolution ${resolution}`,
        );
      }
      const f = file();
      f.section()
        .interface(f.option(14, f.u64(3600n)))
        .packet(0, 5n, packet("x"));
      assert.equal(tell(f.bytes).datagrams[0]?.time, 3_600_000_005);
    });

    it("divides nanoseconds exactly", () => {
      fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }), (nanoseconds) => {
          const f = file();
          f.section()
            .interface(f.option(9, [9]))
            .packet(0, nanoseconds, packet("x"));
          assert.equal(tell(f.bytes).datagrams[0]?.time, Number(nanoseconds / 1000n));
        }),
      );
    });

    it("counts interfaces on over sections, each in its own byte order", () => {
      const other = new PcapngBytes(!littleEndian);
      const f = file().section().interface().interface().packet(1, TIME, packet("a"));
      other.section().interface().packet(0, TIME, packet("b"));
      const last = file().section().interface().packet(0, TIME, packet("c"));
      const told = tell(Uint8Array.of(...f.bytes, ...other.bytes, ...last.bytes));
      assert.deepEqual(
        told.interfaces.map(({ id }) => id),
        [0, 1, 2, 3],
      );
      assert.deepEqual(
        told.datagrams.map(({ interfaceId, payload }) => `${interfaceId}${payload}`),
        ["1a", "2b", "3c"],
      );
    });

    it("reads simple packets, whose time nobody knows, and obsolete ones", () => {
      const bytes = packet("0123456789ab");
      const size = bytes.length;
      const cut = bytes.slice(0, 32);
      const f = file().section().interface([], 101, 32);
      const time = [...f.u32(Number(TIME >> 32n)), ...f.u32(Number(TIME & 0xffff_ffffn))];
      f.block(3, [...f.u32(size), ...cut]);
      f.block(2, [...f.u16(0), ...f.u16(4), ...time, ...f.u32(size), ...f.u32(size), ...bytes]);
      f.block(2, [...f.u16(0), ...f.u16(0xffff), ...time, ...f.u32(32), ...f.u32(size), ...cut]);
      for (const original of [20, size]) {
        const lengths = [...f.u32(20), ...f.u32(original)];
        f.block(2, [...f.u16(0), ...f.u16(0), ...time, ...lengths, ...bytes.slice(0, 20)]);
      }
      // No limit, a higher one, and time stamps that are no plain number of microseconds.
      for (const snapLength of [0, 65_536]) {
        f.section().interface(f.option(9, [3]), 101, snapLength);
        f.block(3, [...f.u32(size), ...bytes]);
      }
      const told = tell(f.bytes);
      assert.equal(told.problem, undefined);
      assert.deepEqual(
        told.datagrams.map(({ time, payload, length, dropped }) => [
          time,
          payload,
          length,
          dropped,
        ]),
        [
          [Number.NaN, "0123", 12, 0],
          [Number(TIME), "0123456789ab", 12, 4],
          [Number(TIME), "0123", 12, 0],
          [Number.NaN, "0123456789ab", 12, 0],
          [Number.NaN, "0123456789ab", 12, 0],
        ],
      );
      assert.deepEqual(told.others, ["malformed", "cutShort"]);
    });

    it("skips unknown blocks and options, and counts other packets", () => {
      const f = file().section().block(0x0bad, [1, 2, 3, 4]);
      f.interface(f.option(12345, [1, 2, 3]), 101).interface([], 147);
      f.block(0x40000bad, [])
        .packet(0, TIME, packet("kept"))
        .packet(1, TIME, packet("unknown link"));
      f.packet(0, TIME, [0x45, 0, 0]);
      const told = tell(f.bytes);
      assert.equal(told.problem, undefined);
      assert.deepEqual(
        told.datagrams.map(({ payload }) => payload),
        ["kept"],
      );
      assert.deepEqual(told.others, ["unknownLinkType", "malformed"]);
    });

    it("tells the same however the file comes in", () => {
      const f = file().section();
      f.interface(f.text(2, "name"));
      for (let n = 0; n < 5; n++) f.packet(0, TIME + BigInt(n), packet(`number ${n}`));
      const whole = tell(f.bytes);
      for (let chunk = 1; chunk < f.bytes.length; chunk++) {
        assert.deepEqual(tell(f.bytes, chunk), whole, `pieces of ${chunk} bytes`);
      }
    });

    it("leaves what is many for the next time, and says that there is more", () => {
      const f = file().section();
      for (let n = 0; n < 5000; n++) f.interface();
      f.packet(4999, TIME, packet("last"));
      const told = { interfaces: 0, datagrams: 0, most: 0 };
      const reader = new PcapngReader({
        section: () => {},
        interface: () => void told.interfaces++,
        statistics: () => {},
        otherPacket: () => {},
        datagram: () => void told.datagrams++,
      });
      let at = 0;
      do {
        const before = told.interfaces;
        at += reader.read(f.bytes.subarray(at), at);
        told.most = Math.max(told.most, told.interfaces - before);
      } while (reader.hasMore);
      assert.deepEqual(told, { interfaces: 5000, datagrams: 1, most: 1024 });
      assert.equal(at, f.bytes.length);
    });

    it("looks at no more options of a block than anybody writes", () => {
      const f = file();
      const many = Array.from({ length: 5000 }, () => f.text(1, "x")).flat();
      const told = tell(f.section(many).interface(many).bytes);
      assert.equal(told.sections[0]?.comments.length, 4096);
      assert.equal(told.interfaces[0]?.comments.length, 4096);
    });

    it("waits for the rest of a half-written block, wherever it was cut", () => {
      const f = file().section().interface().packet(0, TIME, packet("first"));
      const complete = f.bytes.length;
      f.packet(0, TIME, packet("second"));
      for (let end = complete; end < f.bytes.length; end++) {
        const told = tell(f.bytes.subarray(0, end));
        assert.equal(told.problem, undefined);
        assert.equal(told.consumed, complete);
        assert.equal(told.datagrams.length, 1);
      }
    });

    it("says where a file is corrupt and keeps what came before", () => {
      const good = file().section().interface().packet(0, TIME, packet("kept"));
      const at = good.bytes.length;
      const spoil = (change: (f: PcapngBytes) => readonly number[]): Uint8Array => {
        const f = file();
        return Uint8Array.of(...good.bytes, ...change(f), ...good.bytes);
      };
      const packetBlock = (f: PcapngBytes, ...fields: readonly number[]) => [
        ...f.block(
          6,
          fields.flatMap((field) => f.u32(field)),
        ).bytes,
      ];
      const bad: readonly [bytes: Uint8Array, fault: string][] = [
        [
          spoil((f) => [...f.u32(6), ...f.u32(0xffff_fffc), ...f.u32(0), ...f.u32(0)]),
          "a block can't be 4294967292 bytes long",
        ],
        [
          spoil((f) => [...f.u32(6), ...f.u32(16 * 2 ** 20 + 4), ...f.u32(0)]),
          "a block can't be 16777220 bytes long",
        ],
        [spoil((f) => [...f.u32(6), ...f.u32(8), ...f.u32(8)]), "a block can't be 8 bytes long"],
        [spoil((f) => [...f.u32(6), ...f.u32(33), ...f.u32(33)]), "a block can't be 33 bytes long"],
        [
          spoil((f) => [...f.u32(9), ...f.u32(12), ...f.u32(16)]),
          "a block of 12 bytes says at its end that it has 16",
        ],
        [
          spoil((f) => packetBlock(f, 0, 0, 0, 100, 100)),
          "a packet of 100 bytes does not fit in its block",
        ],
        [
          spoil((f) => packetBlock(f, 0, 0, 0, 5, 5, 1)),
          "a packet of 5 bytes does not fit in its block",
        ],
        [
          spoil((f) => [
            ...f.block(
              2,
              [0, 0, 0, 5, 5, 1].flatMap((field) => f.u32(field)),
            ).bytes,
          ]),
          "a packet of 5 bytes does not fit in its block",
        ],
        [
          spoil((f) => packetBlock(f, 9, 0, 0, 0, 0)),
          "interface 9 is used and the section has described 1",
        ],
        [
          spoil((f) => [...f.u32(0x0a0d0d0a), ...f.u32(28), 1, 2, 3, 4]),
          "the section header has no byte-order magic",
        ],
        [
          spoil((f) => {
            const bytes = [...f.section().bytes];
            bytes.splice(12, 2, ...f.u16(2));
            return bytes;
          }),
          "version 2 of pcapng is unknown",
        ],
      ];
      for (const [bytes, fault] of bad) {
        const told = tell(bytes);
        assert.equal(told.problem, `Cannot read the capture from byte ${at} on: ${fault}.`);
        assert.equal(told.consumed, at, fault);
        assert.deepEqual(
          told.datagrams.map(({ payload }) => payload),
          ["kept"],
          fault,
        );
      }
      const largest = spoil((f) => [...f.u32(9), ...f.u32(16 * 2 ** 20), ...f.u32(0)]);
      assert.equal(tell(largest).problem, undefined, "waits for 16 MiB");
    });

    it("passes over statistics of an interface that nobody has described: no packet needs them", () => {
      const f = file().section().interface();
      f.block(5, [...f.u32(9), ...new Array<number>(8).fill(0)]).packet(0, TIME, packet("kept"));
      const told = tell(f.bytes);
      assert.deepEqual([told.problem, told.datagrams.length], [undefined, 1]);
      assert.deepEqual(told.statistics, []);
    });

    it("wants the fixed fields of each type of block", () => {
      for (const [name, type, fields] of [
        ["interface description", 1, 8],
        ["obsolete packet", 2, 20],
        ["simple packet", 3, 4],
        ["interface statistics", 5, 12],
        ["enhanced packet", 6, 20],
        ["custom block", 0xbad, 0],
      ] as const) {
        const problem = (length: number) => {
          const f = file().section().interface();
          return tell(f.block(type, new Array<number>(length).fill(0)).bytes).problem;
        };
        assert.equal(problem(fields), undefined, name);
        if (fields === 0) continue;
        const fault = `a block of type ${type} can't be ${fields + 8} bytes long`;
        assert.match(problem(fields - 4) ?? "", new RegExp(`: ${fault}\\.$`), name);
      }
      const section = (length: number) => {
        const fields = [
          ...file().u32(0x1a2b3c4d),
          ...file().u16(1),
          ...new Array<number>(10).fill(0),
        ];
        return tell(file().block(0x0a0d0d0a, fields.slice(0, length)).bytes).problem;
      };
      assert.equal(section(16), undefined);
      assert.match(section(12) ?? "", /: a block of type 168627466 can't be 24 bytes long\.$/);
    });
  });
}

describe("PcapngReader", () => {
  it("refuses what does not start as pcapng", () => {
    const pcap = Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0);
    for (const bytes of [pcap, new TextEncoder().encode("GET / HTTP/1.1\r\n")]) {
      const told = tell(bytes);
      assert.match(told.problem ?? "", /byte 0 .*section header/);
      assert.equal(told.consumed, 0);
    }
    assert.equal(tell(new Uint8Array(0)).problem, undefined);
  });

  it("reads nothing after a problem", () => {
    const reader = new PcapngReader({
      section: () => assert.fail("told a section"),
      interface: () => {},
      datagram: () => {},
      statistics: () => {},
      otherPacket: () => {},
    });
    reader.read(new Uint8Array(12), 0);
    const problem = reader.problem;
    assert.ok(problem);
    assert.equal(reader.read(new PcapngBytes(true).section().bytes, 0), 0);
    assert.equal(reader.problem, problem);
  });

  it("survives any damage to a file without a throw and without inventing bytes", () => {
    const f = new PcapngBytes(true);
    f.section(f.text(4, "x")).interface(f.text(2, "y"));
    f.packet(0, TIME, packet("payload"), [...f.option(2, f.u32(1)), ...f.text(1, "z")]);
    f.block(3, [...f.u32(40), ...packet("simple packet")]).block(5, new Array<number>(24).fill(0));
    const original = f.bytes;
    const damage = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(damage, fc.integer({ min: 1, max: 400 }), (changes, chunk) => {
        const bytes = original.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const told = tell(bytes, chunk);
        assert.ok(told.consumed <= bytes.length);
        for (const { payload, payloadFileOffset, length } of told.datagrams) {
          assert.ok(payloadFileOffset <= bytes.length);
          assert.ok(payload.length <= length);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
