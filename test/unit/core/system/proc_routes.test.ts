import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseProcNetArp,
  parseProcNetIpv6Route,
  parseProcNetRoute,
  parseProcNetSnmp,
  routeTo,
} from "../../../../extension/core/system/proc_routes.ts";

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010A0A0A	0003	0	0	100	00000000	0	0	0
eth0	000A0A0A	00000000	0001	0	0	100	00FFFFFF	0	0	0
wlan0	000A0A0A	00000000	0001	0	0	600	00FFFFFF	0	0	0
*	0000070A	00000000	0201	0	0	0	0000FFFF	0	0	0
`;
const IPV6 = `00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001       lo
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
20010db8000000000000000000000000 20 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

describe("the routing tables of Linux", () => {
  const routes = parseProcNetRoute(ROUTES);

  it("lead to the closest network, and of equals by the lowest metric", () => {
    const way = (address: string) => {
      const { device, gateway } = routeTo(routes, address) ?? {};
      return [device, gateway];
    };
    assert.deepEqual(way("10.10.10.7"), ["eth0", undefined]);
    assert.deepEqual(way("192.0.2.1"), ["eth0", "10.10.10.1"]);
    assert.deepEqual(routeTo(routes.toReversed(), "10.10.10.7"), routeTo(routes, "10.10.10.7"));
  });

  it("say where there is no way", () => {
    assert.equal(routeTo(routes, "10.7.1.1"), undefined);
    assert.equal(routeTo([], "10.7.1.1"), undefined);
    assert.equal(routeTo(routes, "2001:db8::1"), undefined);
    assert.equal(routeTo(routes, "no address"), undefined);
  });

  it("are read for IPv6, too", () => {
    const ipv6 = parseProcNetIpv6Route(IPV6);
    assert.equal(routeTo(ipv6, "::1")?.device, "lo");
    assert.equal(routeTo(ipv6, "fe80::7")?.device, "eth0");
    assert.equal(routeTo(ipv6, "2001:db8::7")?.gateway, "fe80::1");
    // That a way is not up, or rejected, is no way.
    assert.equal(routeTo(ipv6, "2001:db9::7"), undefined);
  });

  it("are read in the machine's own byte order", () => {
    const big = ROUTES.replace(
      "000A0A0A	00000000	0001	0	0	100	00FFFFFF",
      "0A0A0A00	00000000	0001	0	0	100	FFFFFF00",
    );
    const [, route] = parseProcNetRoute(big, false);
    assert.deepEqual([...(route?.network ?? []), route?.prefixLength], [10, 10, 10, 0, 24]);
  });

  it("say which neighbours have answered", () => {
    const table = `IP address       HW type     Flags       HW address            Mask     Device
10.9.0.2         0x1         0x2         ce:d0:b8:4b:c6:45     *        v0
10.9.0.77        0x1         0x0         00:00:00:00:00:00     *        v0
`;
    assert.deepEqual(parseProcNetArp(table), [
      { address: "10.9.0.2", device: "v0", isKnown: true },
      { address: "10.9.0.77", device: "v0", isKnown: false },
    ]);
  });

  it("count what routers said", () => {
    const table = `Ip: Forwarding DefaultTTL
Ip: 1 64
Icmp: InMsgs InErrors InTimeExcds
Icmp: 7 0 3
Udp: InDatagrams NoPorts
`;
    const figures = parseProcNetSnmp(table);
    assert.equal(figures.get("Icmp.InTimeExcds"), 3);
    assert.equal(figures.get("Ip.DefaultTTL"), 64);
    assert.equal(figures.get("Udp.NoPorts"), undefined);
  });

  it("leave out what is none, whatever stands there", () => {
    const word = fc.constantFrom("eth0", "00000000", "FFFFFF", "0003", "", "\0", "10.0.0.1", "0x2");
    const table = fc
      .array(fc.array(word, { maxLength: 12 }))
      .map((lines) => lines.map((line) => line.join(" ")).join("\n"));
    fc.assert(
      fc.property(table, (text) => {
        for (const { network, prefixLength } of [
          ...parseProcNetRoute(text),
          ...parseProcNetIpv6Route(text),
        ]) {
          assert.ok(prefixLength >= 0 && prefixLength <= network.length * 8);
        }
        parseProcNetArp(text);
        parseProcNetSnmp(text);
      }),
    );
  });
});
