import assert from "node:assert/strict";
import fc from "fast-check";
import { parseMacosTcp, parseMacosUdp } from "../../../../extension/core/system/macos_netstat.ts";
import {
  ProcNetUdp,
  parseProcNetIgmp,
  parseProcNetIgmp6,
  parseProcNetTcp,
} from "../../../../extension/core/system/proc_net.ts";
import type { SystemSocket } from "../../../../extension/core/system/system_socket.ts";
import {
  parseWindowsTcp,
  parseWindowsUdp,
} from "../../../../extension/core/system/windows_netstat.ts";

/** `fe80::1%eth0 5353`, and to whom where it is connected. */
function ends(sockets: readonly SystemSocket[]): string[] {
  return sockets.map(({ family, address, zone, port, peer }) =>
    [family, zone === "" ? address : `${address}%${zone}`, port, peer?.address, peer?.port]
      .filter((part) => part !== undefined)
      .join(" "),
  );
}

const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
 1022: 0100007F:270F 00000000:0000 07 00000000:00000A00 00:00000000 00000000  1000        0 48213 2 0000000000000000 1377      
  305: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   112        0 20511 2 0000000000000000 0         
  772: 0F02000A:C001 08080808:0035 01 00000100:00000000 00:00000000 00000000  1000        0 61234 2 ffff8881072f8900 0         
`;
const UDP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  311: 00000000000000000000000000000000:14E9 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000   112        0 20512 2 0000000000000000 0
  822: 00000000000000000000000001000000:270F 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 48214 2 0000000000000000 3
  900: 000080FE00000000FF1A2B3C4D5E6FFE:0222 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9001 2 0000000000000000 0
  901: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9002 2 0000000000000000 0
`;

describe("/proc/net of Linux", () => {
  it("lists both families with queues, drops, users and other ends", () => {
    const sockets = new ProcNetUdp().read([UDP, UDP6]);
    assert.deepEqual(ends(sockets), [
      "IPv4 127.0.0.1 9999",
      "IPv4 0.0.0.0 5353",
      "IPv4 10.0.2.15 49153 8.8.8.8 53",
      "IPv6 :: 5353",
      "IPv6 ::1 9999",
      "IPv6 fe80::3c2b:1aff:fe6f:5e4d 546",
      // A socket of both families that is bound to an IPv4 address.
      "IPv6 127.0.0.1 8080",
    ]);
    const [first] = sockets;
    assert.equal(first?.inode, 48213);
    assert.equal(first?.key, "48213");
    assert.equal(first?.uid, 1000);
    assert.equal(first?.receiveQueue, 2560);
    assert.equal(first?.drops, 1377);
    assert.equal(first?.pid, undefined);
  });

  it("reads the addresses of a machine with the other byte order", () => {
    const line = UDP.replace("0100007F:270F", "7F000001:270F");
    assert.deepEqual(ends(new ProcNetUdp(false).read([line])).slice(0, 1), ["IPv4 127.0.0.1 9999"]);
  });

  it("tells of a line again without reading it again, and of what has changed in it", () => {
    const table = new ProcNetUdp();
    const [before] = table.read([UDP]);
    assert.equal(table.read([UDP])[0], before);
    assert.equal(table.read([UDP.replace(" 1377 ", " 1378 ")])[0]?.drops, 1378);
    assert.deepEqual(table.read([]), []);
  });

  it("does without the column of drops, which old kernels have not", () => {
    const old = UDP.replaceAll(/ (1377|0) {6,}$/gm, "");
    const [first] = new ProcNetUdp().read([old]);
    assert.equal(first?.drops, undefined);
    assert.equal(first?.port, 9999);
  });

  it("lists a socket once that the kernel lists twice, and leaves out half lines", () => {
    const lines = UDP.split("\n");
    const twice = [...lines, lines[1]?.replace("1377", "1380"), lines[2]?.slice(0, 60)].join("\n");
    const sockets = new ProcNetUdp().read([twice]);
    assert.deepEqual(
      sockets.map(({ inode, drops }) => [inode, drops]),
      [
        [48213, 1380],
        [20511, 0],
        [61234, 0],
      ],
    );
  });

  it("leaves out lines whose local end is none", () => {
    const line = (end: string) => UDP.replace("0100007F:270F", end);
    assert.equal(new ProcNetUdp().read([line("0100007F:FFFF")])[0]?.port, 0xffff);
    for (const bad of [
      "0100007F:27",
      "0100007F:270F0",
      "0100007G:270F",
      "01007F:270F",
      "0100007F",
    ]) {
      assert.deepEqual(ends(new ProcNetUdp().read([line(bad)])).slice(0, 1), ["IPv4 0.0.0.0 5353"]);
    }
  });

  it("finds what listens over TCP, and nothing else", () => {
    const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:270F 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 51000 1 0000000000000000 100 0 0 10 0
   1: 0100007F:270F 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 51001 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 51002 1 0000000000000000 100 0 0 10 0
`;
    assert.deepEqual(parseProcNetTcp(tcp), [
      { address: "0.0.0.0", port: 9999 },
      { address: "127.0.0.1", port: 80 },
    ]);
  });

  it("lists the groups of each interface", () => {
    const igmp = `Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter
1\tlo        :     1      V3
\t\t\t\t010000E0     1 0:00000000\t\t0
2\teth0      :     3      V3
\t\t\t\tFB0000E0     1 0:00000000\t\t0
\t\t\t\tFAFFFFEF     2 0:00000000\t\t0
\t\t\t\t010000E0     1 0:00000000\t\t0
10000000\tveth1     :     0      V3
`;
    assert.deepEqual(
      parseProcNetIgmp(igmp).map(({ address, device }) => `${device} ${address}`),
      ["lo 224.0.0.1", "eth0 224.0.0.251", "eth0 239.255.255.250", "eth0 224.0.0.1"],
    );
    const igmp6 = `1    lo              ff020000000000000000000000000001     1 0000000C 0
2    eth0            ff0200000000000000000000000000fb     1 00000004 0
2    eth0            ff0200000000000000000001ff000002     1 00000004 0
`;
    assert.deepEqual(
      parseProcNetIgmp6(igmp6).map(({ address, device }) => `${device} ${address}`),
      ["lo ff02::1", "eth0 ff02::fb", "eth0 ff02::1:ff00:2"],
    );
  });
});

const MACOS_15 = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)          rxbytes      txbytes  rhiwat  shiwat          process:pid    state  options           gencnt    flags   flags1 usecnt rtncnt fltrs
udp4       0      0  *.5353                 *.*                                         258           99  786896    9216    mDNSResponder:1      00100 00000204 000000000005b823 00000001 04000800      1      0 000002
udp4    1536      0  127.0.0.1.9999         *.*                                           0            0  786896    9216             node:4242   00100 00000204 000000000005b824 00000001 04000800      1      0 000002
udp4       0      0  192.168.0.105.64161    108.177.119.95.443                        13398         5574 1048576   29040 Brave Browser He:855    00102 00000000 000000000005b699 00000000 04200900      1      0 000002
udp6       0      0  fe80::1%lo0.123        *.*                                           0            0  786896    9216            timed:99     00100 00000204 000000000005b825 00000001 04000800      1      0 000002
udp46      0      0  *.53117                *.*                                           0            0  786896    9216     odd: 1 2 3:4:771    00100 00000204 000000000005b826 00000001 04000800      1      0 000002
udp4       0      0  *.*                    *.*                                           0            0  786896    9216       syslogd:120       00100 00000204 000000000005b827 00000001 04000800      1      0 000002
udp6       0      0  2001:db8:85a3:1234:5678:8a2e:370:7334.546  *.*                       0            0  786896    9216          configd:0      00100 00000204 000000000005b828 00000001 04000800      1      0 000002
`;
const MACOS_12 = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)     rhiwat shiwat    pid   epid  state    options
udp4       0      0  *.5353                 *.*                                196724   9216    321      0 0x0100 0x00000000
udp6       0      0  ::1.9999               *.*                                196724   9216   4242      0 0x0100 0x00000000
`;

describe("netstat of macOS", () => {
  it("lists sockets with their processes, whatever these are called", () => {
    const sockets = parseMacosUdp(MACOS_15);
    assert.deepEqual(ends(sockets), [
      "IPv4 0.0.0.0 5353",
      "IPv4 127.0.0.1 9999",
      "IPv4 192.168.0.105 64161 108.177.119.95 443",
      "IPv6 fe80::1%lo0 123",
      "IPv6 :: 53117",
      "IPv6 2001:db8:85a3:1234:5678:8a2e:370:7334 546",
    ]);
    assert.deepEqual(
      sockets.map(({ pid, processName }) => [pid, processName]),
      [
        [1, "mDNSResponder"],
        [4242, "node"],
        [855, "Brave Browser He"],
        [99, "timed"],
        [771, "odd: 1 2 3:4"],
        [undefined, "configd"],
      ],
    );
    assert.equal(sockets[1]?.receiveQueue, 1536);
    assert.equal(sockets[1]?.drops, undefined);
  });

  it("reads the columns of older versions", () => {
    assert.deepEqual(
      parseMacosUdp(MACOS_12).map(({ address, pid }) => [address, pid]),
      [
        ["0.0.0.0", 321],
        ["::1", 4242],
      ],
    );
  });

  it("gives two sockets of one process on one end keys of their own", () => {
    const [, , line = ""] = MACOS_15.split("\n");
    const keys = parseMacosUdp(`${MACOS_15}${line}\n${line}\n`).map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
  });

  it("leaves out lines whose local end is none", () => {
    const [, , line = ""] = MACOS_15.split("\n");
    const read = (end: string) => ends(parseMacosUdp(line.replace("*.5353", end)));
    assert.deepEqual(read("127.0.0.1.65535"), ["IPv4 127.0.0.1 65535"]);
    for (const bad of ["127.0.0.1.65536", "127.0.0.1.*", "127.0.0.5353", "localhost.5353"]) {
      assert.deepEqual(read(bad), [], bad);
    }
  });

  it("finds what listens over TCP", () => {
    const tcp = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.9999         *.*                    LISTEN
tcp4       0      0  *.5000                 *.*                    LISTEN
tcp46      0      0  *.8080                 *.*                    LISTEN
tcp4       0      0  127.0.0.1.9999         127.0.0.1.52000        ESTABLISHED
`;
    assert.deepEqual(parseMacosTcp(tcp), [
      { address: "127.0.0.1", port: 9999 },
      { address: "0.0.0.0", port: 5000 },
      { address: "::", port: 8080 },
    ]);
  });
});

const GERMAN = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:9999           0.0.0.0:0              ABH\ufffdREN         2040
  TCP    127.0.0.1:9999         127.0.0.1:50563        HERGESTELLT      7100
  TCP    [::]:445               [::]:0                 ABH\ufffdREN         4
  UDP    0.0.0.0:5353           *:*                                    1156
  UDP    127.0.0.1:9999         *:*                                    4242
  UDP    [::1]:1900             *:*                                    3668
  UDP    [fe80::5196:ca37:70a7:5de9%12]:1900  *:*                                    3668
`.replaceAll("\n", "\r\n");

describe("netstat of Windows", () => {
  it("lists sockets with their processes in any language", () => {
    const sockets = parseWindowsUdp(GERMAN);
    assert.deepEqual(ends(sockets), [
      "IPv4 0.0.0.0 5353",
      "IPv4 127.0.0.1 9999",
      "IPv6 ::1 1900",
      "IPv6 fe80::5196:ca37:70a7:5de9%12 1900",
    ]);
    assert.deepEqual(
      sockets.map(({ pid }) => pid),
      [1156, 4242, 3668, 3668],
    );
  });

  it("finds what listens over TCP by the foreign port", () => {
    assert.deepEqual(parseWindowsTcp(GERMAN), [
      { address: "0.0.0.0", port: 9999 },
      { address: "::", port: 445 },
    ]);
    assert.deepEqual(parseWindowsTcp("  UDP    0.0.0.0:9999           0.0.0.0:0"), []);
  });

  it("leaves out lines that are no sockets", () => {
    assert.deepEqual(ends(parseWindowsUdp("UDP 127.0.0.1:65535 *:* 4242")), [
      "IPv4 127.0.0.1 65535",
    ]);
    for (const bad of [
      "UDP 127.0.0.1:65536 *:* 4242",
      "UDP 127.0.0.256:9999 *:* 4242",
      "UDP 127.0.0.1:9999 *:* none",
      "UDP 127.0.0.1:9999 *:* 4242 4242",
      "UDP 127.0.0.1:9999 *:*",
      "TCP 127.0.0.1:9999 *:* 4242",
    ]) {
      assert.deepEqual(parseWindowsUdp(bad), [], bad);
    }
  });
});

describe("whatever a system prints", () => {
  const lines = [UDP, UDP6, MACOS_15, MACOS_12, GERMAN].flatMap((text) => text.split("\n"));
  const table = fc
    .array(
      fc.oneof(
        fc.constantFrom(...lines),
        fc.string({ unit: "binary" }),
        // A line with some of it replaced.
        fc
          .tuple(fc.constantFrom(...lines), fc.nat(200), fc.nat(20), fc.string({ unit: "binary" }))
          .map(([line, at, count, text]) => line.slice(0, at) + text + line.slice(at + count)),
      ),
    )
    .map((parts) => parts.join("\n"));

  it("gives sockets with ports that are ports, addresses that are addresses, and keys of their own", () => {
    fc.assert(
      fc.property(table, fc.boolean(), (text, isLittleEndian) => {
        for (const sockets of [
          new ProcNetUdp(isLittleEndian).read([text]),
          parseMacosUdp(text),
          parseWindowsUdp(text),
        ]) {
          assert.equal(new Set(sockets.map(({ key }) => key)).size, sockets.length);
          for (const { address, port, peer, pid, receiveQueue = 0, drops = 0 } of sockets) {
            for (const end of [{ address, port }, peer ?? { address, port }]) {
              assert.match(end.address, /^[0-9a-fA-F:.]+$/);
              assert.ok(Number.isInteger(end.port) && end.port >= 0 && end.port <= 0xffff);
            }
            for (const number of [pid ?? 0, receiveQueue, drops]) {
              assert.ok(Number.isFinite(number) && number >= 0);
            }
          }
        }
        for (const { port } of [
          ...parseProcNetTcp(text, isLittleEndian),
          ...parseMacosTcp(text),
          ...parseWindowsTcp(text),
        ]) {
          assert.ok(Number.isInteger(port) && port >= 0 && port <= 0xffff);
        }
        parseProcNetIgmp(text, isLittleEndian);
        parseProcNetIgmp6(text);
      }),
    );
  });
});
