import assert from "node:assert/strict";
import { parseMacosTcp, parseMacosUdp } from "../../../extension/core/system/macos_netstat.ts";
import {
  ProcNetUdp,
  parseProcNetIgmp,
  parseProcNetIgmp6,
  parseProcNetTcp,
} from "../../../extension/core/system/proc_net.ts";
import {
  parseLinuxProcess,
  parsePs,
  parseWin32Processes,
} from "../../../extension/core/system/process_lists.ts";
import { programName, type SystemProcess } from "../../../extension/core/system/processes.ts";
import {
  parseWindowsTcp,
  parseWindowsUdp,
} from "../../../extension/core/system/windows_netstat.ts";
import { parseAddress } from "../../../extension/core/wire/address.ts";
import type { Endpoint } from "../../../extension/core/wire/endpoint.ts";
import { cpuMilliseconds } from "../../support/cpu_time.ts";
import type { FuzzTarget } from "../target.ts";

const TABLES = [
  ` 1022: 0100007F:270F 00000000:0000 07 00000000:00000A00 00:00000000 00000000  1000        0 48213 2 0000000000000000 1377
  772: 0F02000A:C001 08080808:0035 01 00000100:00000000 00:00000000 00000000  1000        0 61234 2 ffff8881072f8900 0`,
  "  900: 000080FE00000000FF1A2B3C4D5E6FFE:0222 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9001 2 0000000000000000 0",
  "   0: 00000000:270F 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 51000 1",
  "2\teth0      :     3      V3\n\t\t\t\tFB0000E0     1 0:00000000\t\t0",
  "2    eth0            ff0200000000000000000000000000fb     1 00000004 0",
  `Proto Recv-Q Send-Q  Local Address   Foreign Address  (state) rxbytes txbytes rhiwat shiwat  process:pid
udp4       0      0  192.168.0.105.64161    108.177.119.95.443   13398  5574 1048576   29040 Brave Browser He:855    00102
udp6       0      0  fe80::1%lo0.123        *.*                  0      0  786896    9216            timed:99     00100
tcp4       0      0  127.0.0.1.9999         *.*                    LISTEN`,
  "  TCP    0.0.0.0:9999   0.0.0.0:0   LISTENING   2040\r\n  UDP    [fe80::1%12]:1900  *:*    3668",
];

const PROCESSES = [
  "42 (a (b) c) S 1 42 42 0 -1 4194304\0/usr/bin/node\0--require\0tap.cjs\0server.ts\0",
  "  812     1 /usr/local/bin/node --import tsx server.ts\n  813   812 -zsh",
  '[{"ProcessId":4242,"ParentProcessId":1,"Name":"node.exe","CommandLine":"\\"C:\\\\node.exe\\" a.js"}]',
  '{"ProcessId":4,"ParentProcessId":0,"Name":null,"CommandLine":null}',
];

const encode = (text: string) => new TextEncoder().encode(text);

export const systemTargets: readonly FuzzTarget[] = [
  { name: "socket tables", seeds: TABLES.map(encode), check: inNoTime(checkTables) },
  { name: "process lists", seeds: PROCESSES.map(encode), check: inNoTime(checkProcesses) },
];

/** Ports are ports and addresses are addresses, whichever system is taken to have printed the table. */
function checkTables(text: string): void {
  for (const isLittleEndian of [true, false]) {
    const linux = new ProcNetUdp(isLittleEndian);
    const sockets = [linux.read([text]), parseMacosUdp(text), parseWindowsUdp(text)];
    assert.deepEqual(linux.read([text]), sockets[0], "another one when it is read again");
    for (const list of sockets) {
      assert.equal(new Set(list.map(({ key }) => key)).size, list.length, "one key twice");
      for (const socket of list) {
        checkEnd(socket);
        if (socket.peer) checkEnd(socket.peer);
        const { pid, inode, uid, receiveQueue, drops } = socket;
        for (const number of [pid, inode, uid, receiveQueue, drops]) {
          assert.ok(number === undefined || (Number.isFinite(number) && number >= 0));
        }
      }
    }
    parseProcNetTcp(text, isLittleEndian).forEach(checkEnd);
    for (const { address } of parseProcNetIgmp(text, isLittleEndian)) {
      assert.ok(parseAddress(address));
    }
  }
  [...parseMacosTcp(text), ...parseWindowsTcp(text)].forEach(checkEnd);
  for (const { address } of parseProcNetIgmp6(text)) assert.ok(parseAddress(address));
}

function checkEnd({ address, port }: Endpoint): void {
  assert.ok(parseAddress(address), address);
  assert.ok(Number.isInteger(port) && port >= 0 && port <= 0xffff, `${port}`);
}

/** Ids are ids, and what a process is called is a part of what was printed. */
function checkProcesses(text: string): void {
  const [stat = "", ...commandLine] = text.split("\0");
  const processes: SystemProcess[] = [
    parseLinuxProcess(42, stat, commandLine.join("\0"), commandLine[0] ?? ""),
    ...parsePs(text),
    ...parseWin32Processes(text),
  ];
  for (const process of processes) {
    for (const id of [process.pid, process.ppid]) {
      assert.ok(id === undefined || (Number.isSafeInteger(id) && id >= 0), `${id}`);
    }
    assert.ok(programName(process, "").length <= text.length);
  }
}

/** A pattern that goes back and forth over a line takes for ever, not long. */
function inNoTime(check: (text: string) => void): (input: Uint8Array) => void {
  return (input) => {
    const took = cpuMilliseconds(() => check(new TextDecoder().decode(input)));
    assert.ok(took < 2000, `took ${took} ms`);
  };
}
