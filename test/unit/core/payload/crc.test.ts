import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { crcOf } from "../../../../extension/core/payload/crc.ts";
import { CRC_CATALOGUE, crcNamed } from "../../../../extension/core/payload/crc_catalogue.ts";
import { findCrc } from "../../../../extension/core/payload/find_crc.ts";
import { integerBytes } from "../../../../extension/core/payload/integer_bytes.ts";

const CHECKED = Buffer.from("123456789");

describe("CRCs", () => {
  for (const crc of CRC_CATALOGUE) {
    it(`${crc.name} has its check value`, () => {
      assert.equal(crcOf(crc, CHECKED).toString(16), crc.check.toString(16));
    });
  }

  it("are found by the catalogue's name, its short form, and names that people have", () => {
    for (const name of ["CRC-16/MODBUS", "crc16/modbus", "crc-16/Modbus"]) {
      assert.equal(crcNamed(name)?.name, "CRC-16/MODBUS");
    }
    assert.equal(crcNamed("crc32")?.name, "CRC-32/ISO-HDLC");
    assert.equal(crcNamed("crc16/ccitt-false")?.name, "CRC-16/IBM-3740");
    assert.equal(crcNamed("crc16/modbuz"), undefined);
    const names = CRC_CATALOGUE.flatMap(({ name, aliases }) => [name, ...aliases]);
    assert.equal(new Set(names).size, names.length);
  });

  it("are those of zlib, whatever the bytes", () => {
    const crc = crcNamed("crc32") ?? assert.fail();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(crcOf(crc, bytes), BigInt(crc32(bytes)));
      }),
    );
  });

  it("are found at the end of what was received, whatever is before them", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CRC_CATALOGUE),
        fc.boolean(),
        fc.nat(4),
        fc.array(fc.uint8Array({ minLength: 12, maxLength: 40 }), { minLength: 4, maxLength: 6 }),
        (crc, isLittle, from, bodies) => {
          const payloads = bodies.map((body) => {
            const sum = integerBytes(crcOf(crc, body.subarray(from)), crc.width / 8, isLittle);
            return Uint8Array.of(...body, ...sum);
          });
          const found = findCrc(payloads).map((one) => ({ ...one, crc: one.crc.name }));
          const wanted = { crc: crc.name, isLittle: crc.width > 8 && isLittle, from };
          assert.ok(
            found.some((one) => JSON.stringify(one) === JSON.stringify(wanted)),
            JSON.stringify([wanted, found]),
          );
        },
      ),
      { numRuns: 60 },
    );
    assert.deepEqual(findCrc([]), []);
    assert.deepEqual(
      findCrc([Uint8Array.of(1, 2)]).filter(({ crc }) => crc.width > 8),
      [],
    );
    assert.deepEqual(findCrc([Buffer.from("hello, world"), Buffer.from("another text")]), []);
  });
});
