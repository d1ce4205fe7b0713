import assert from "node:assert/strict";
import { isInNetwork, reachOf } from "../../../../extension/core/wire/reach.ts";

describe("who is meant by an address", () => {
  const own = [
    { device: "eth0", address: "192.168.1.5", prefixLength: 24 },
    { device: "ppp0", address: "10.0.0.1", prefixLength: 31 },
    { device: "eth1", address: "172.16.5.1", prefixLength: 20 },
    { device: "eth0", address: "2001:db8::5", prefixLength: 64 },
    { device: "eth2", address: "10.1.0.1", prefixLength: undefined },
  ];

  for (const [address, reach] of [
    ["127.0.0.1", "machine"],
    ["127.255.0.9", "machine"],
    ["::1", "machine"],
    ["192.168.1.5", "machine"],
    ["2001:DB8:0::5", "machine"],
    ["192.168.1.6", "network"],
    ["192.168.1.255", "broadcast"],
    ["172.16.15.255", "broadcast"],
    ["172.16.5.255", "network"],
    ["255.255.255.255", "broadcast"],
    // A link between two machines has no broadcast address (RFC 3021).
    ["10.0.0.0", "network"],
    ["10.1.0.1", "machine"],
    ["224.0.0.1", "multicast"],
    ["239.255.255.255", "multicast"],
    ["240.0.0.1", "network"],
    ["ff02::1", "multicast"],
    ["fe80::1", "network"],
  ] as const) {
    it(`${address}: ${reach}`, () => assert.equal(reachOf(address, own), reach));
  }

  it("is told by the bits that two addresses have in common", () => {
    const bytes = Uint8Array.of(10, 9, 0b1010_0000, 1);
    assert.ok(isInNetwork(bytes, Uint8Array.of(10, 9, 0b1011_0000, 0), 19));
    assert.ok(!isInNetwork(bytes, Uint8Array.of(10, 9, 0b1011_0000, 0), 20));
    assert.ok(isInNetwork(bytes, Uint8Array.of(99, 0, 0, 0), 0));
    assert.ok(!isInNetwork(bytes, new Uint8Array(16), 0));
  });
});
