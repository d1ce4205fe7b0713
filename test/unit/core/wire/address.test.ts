import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import {
  canonicalAddress,
  formatAddress,
  isLoopback,
  parseAddress,
  parseAddressAsWritten,
} from "../../../../extension/core/wire/address.ts";

/** Text → bytes → text. */
function normalise(text: string): string | undefined {
  const bytes = parseAddress(text);
  return bytes && formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16);
}

describe("parseAddress() and formatAddress()", () => {
  it("write IPv6 as RFC 5952 says", () => {
    for (const [text, expected] of [
      ["2001:0db8::0001", "2001:db8::1"],
      ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
      ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
      ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
      ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
      ["2001:DB8::A", "2001:db8::a"],
      ["0:0:0:0:0:0:0:0", "::"],
      ["0:0:0:0:0:0:0:1", "::1"],
      ["1:0:0:0:0:0:0:0", "1::"],
      ["1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"],
      ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
      ["fe80::1%eth0", "fe80::1"],
    ] as const) {
      assert.equal(normalise(text), expected, text);
    }
  });

  it("take a mapped IPv4 address for what it is", () => {
    for (const text of ["::ffff:127.0.0.1", "::FFFF:7f00:1", "0:0:0:0:0:ffff:127.0.0.1"]) {
      assert.deepEqual(parseAddress(text), Uint8Array.of(127, 0, 0, 1), text);
    }
    const mapped = Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3);
    // In a packet it is an address of IPv6.
    assert.equal(formatAddress(mapped, 1, 16), "::ffff:10.1.2.3");
    assert.deepEqual(parseAddressAsWritten("::ffff:10.1.2.3"), mapped.slice(1));
    assert.deepEqual(parseAddressAsWritten("10.1.2.3"), Uint8Array.of(10, 1, 2, 3));
    assert.equal(formatAddress(mapped, 13, 4), "10.1.2.3");
    for (const text of ["100::ffff:a01:203", "1::ffff:a01:203", "::1:ffff:a01:203"]) {
      assert.equal(normalise(text), text, "not mapped");
    }
    for (const text of ["::ff:a01:203", "::ff00:a01:203", "::fffe:a01:203"]) {
      assert.equal(normalise(text), text, "not mapped");
    }
  });

  it("write no more than the address where other bytes follow", () => {
    assert.equal(formatAddress(Uint8Array.of(9, 127, 0, 0, 1, 99), 1, 4), "127.0.0.1");
    const bytes = new Uint8Array(18).fill(0xff).fill(0, 1, 17);
    assert.equal(formatAddress(bytes, 1, 16), "::");
  });

  it("refuse what is no address", () => {
    const bad = [
      "",
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "01.2.3.4",
      "1.2.3.",
      "1.2.3.4 ",
      "0x7f.0.0.1",
      "localhost",
      ":",
      ":::",
      "1:",
      "1::2::3",
      "1:2:3:4::5:6:7:8::9",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7::8",
      "12345::",
      "g::",
      "::1.2.3.4:5",
      "::1.2.3",
      "[::1]",
    ];
    for (const text of bad) assert.equal(parseAddress(text), undefined, JSON.stringify(text));
  });

  it("agree with node:net about which text is an address", () => {
    const texts = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom("0", "1", "f", "255", ".", ":", "::"), maxLength: 12 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        assert.equal(parseAddress(text) !== undefined, isIPv4(text) || isIPv6(text), text);
      }),
      { numRuns: 5000 },
    );
  });

  it("give back each address that they wrote", () => {
    const addresses = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.array(fc.constantFrom(0, 0, 0, 1, 0xab, 0xff), { minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(addresses, (bytes) => {
        const text = formatAddress(Uint8Array.from(bytes), 0, bytes.length === 4 ? 4 : 16);
        const isMapped = bytes.length === 16 && !text.includes(":");
        assert.deepEqual(parseAddress(text), Uint8Array.from(isMapped ? bytes.slice(12) : bytes));
      }),
    );
  });
});

describe("canonicalAddress()", () => {
  it("writes equal addresses alike, and leaves alone what is none", () => {
    for (const [text, expected] of [
      ["127.0.0.1", "127.0.0.1"],
      ["::FFFF:10.0.0.1", "10.0.0.1"],
      ["0:0:0:0:0:0:0:1", "::1"],
      ["FE80::1%eth0", "fe80::1"],
      ["localhost", "localhost"],
      ["", ""],
    ] as const) {
      assert.equal(canonicalAddress(text), expected);
    }
  });
});

describe("isLoopback()", () => {
  it("holds for 127.0.0.0/8 and ::1, mapped or not, and for nothing else", () => {
    for (const text of ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "0::1"]) {
      assert.ok(isLoopback(text), text);
    }
    for (const text of [
      "126.0.0.1",
      "128.0.0.1",
      "0.0.0.127",
      "::",
      "::2",
      "7f00::",
      "localhost",
    ]) {
      assert.ok(!isLoopback(text), text);
    }
  });
});
