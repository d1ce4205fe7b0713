import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatProcess,
  formatProgram,
  formatSegmentName,
  formatSocket,
  parseProcess,
  parseSegmentName,
  parseSocket,
} from "../../../../extension/core/wire/tap_identity.ts";

const number = fc.nat(4_000_000);
/** Records as object literals are, for deepEqual. */
const PLAIN = { noNullPrototype: true };

describe("tap_identity", () => {
  it("writes a process as people read it", () => {
    const program = formatProgram(["/path/udp_server.ts", "--port", "9999"]);
    const main = { runtime: "node", version: "24.21.0", pid: 4242, ppid: 4200, thread: 0, program };
    const text = "node 24.21.0, pid 4242, ppid 4200: /path/udp_server.ts --port 9999";
    assert.equal(formatProcess(main), text);
    assert.equal(
      formatProcess({ ...main, thread: 2, program: "" }),
      "node 24.21.0, pid 4242, ppid 4200, thread 2",
    );
  });

  it("writes a socket as people read it", () => {
    const socket = { program: "udp_server.ts", pid: 4242, thread: 0, socket: 1 };
    assert.equal(formatSocket(socket), "udp_server.ts, pid 4242, socket 1");
    assert.equal(
      formatSocket({ ...socket, thread: 3 }),
      "udp_server.ts, pid 4242, thread 3, socket 1",
    );
  });

  it("quotes a word where it would not be clear", () => {
    assert.equal(
      formatProgram(["a b", "", 'c"d', "e\nf", "g\u202eh", "ü"]),
      String.raw`"a b" "" "c\"d" "e\nf" "g‮h" ü`,
    );
  });

  it("parses each process that it writes", () => {
    const processes = fc.record(
      {
        runtime: fc.constantFrom("node", "deno", "bun"),
        version: fc.constantFrom("24.21.0", "25.0.0-nightly2026", "1.4.5"),
        pid: number,
        ppid: number,
        thread: number,
        program: fc.oneof(fc.string(), fc.constant(": x, pid 1, ppid 2: y\nz")),
      },
      PLAIN,
    );
    fc.assert(
      fc.property(processes, (one) => assert.deepEqual(parseProcess(formatProcess(one)), one)),
    );
  });

  it("parses each socket that it writes, whatever the program is called", () => {
    const sockets = fc.record(
      {
        program: fc.oneof(
          fc.string(),
          fc.constant("a, pid 1, socket 2"),
          fc.constant(", thread 3"),
        ),
        pid: number,
        thread: number,
        socket: number,
      },
      PLAIN,
    );
    fc.assert(fc.property(sockets, (one) => assert.deepEqual(parseSocket(formatSocket(one)), one)));
  });

  it("parses nothing of other writers", () => {
    for (const text of ["", "Dumpcap (Wireshark) 4.0.17 (Git v4.0.17)", "node 24, pid x, ppid 1"]) {
      assert.equal(parseProcess(text), undefined, text);
    }
    for (const text of [
      "",
      "lo",
      "Ethernet 1",
      "x, pid 1",
      "pid 1, socket 2",
      "x, pid 1, socket 2 ",
    ]) {
      assert.equal(parseSocket(text), undefined, text);
    }
  });

  it("names segments so that they sort by age", () => {
    const name = { startMs: 1_700_000_000_000, pid: 42, thread: 0, segment: 1 };
    assert.equal(formatSegmentName(name), "1700000000000-42-000001.pcapng");
    assert.equal(formatSegmentName({ ...name, thread: 7 }), "1700000000000-42.7-000001.pcapng");
    const names = [1, 2, 9, 10, 11, 100, 999_999].map((segment) =>
      formatSegmentName({ ...name, segment }),
    );
    assert.deepEqual(names.toSorted(), names);
  });

  it("parses each segment name that it writes, and no other", () => {
    const segments = fc.record(
      {
        startMs: number,
        pid: number,
        thread: fc.oneof(number, fc.constant("command" as const)),
        segment: number,
      },
      PLAIN,
    );
    fc.assert(
      fc.property(segments, (one) => {
        assert.deepEqual(parseSegmentName(formatSegmentName(one)), one);
      }),
    );
    for (const text of [
      "",
      "cleared.json",
      "1-2.pcapng",
      "1-2-3.pcap",
      "x1-2-3.pcapng",
      "1-2-3.pcapng~",
    ]) {
      assert.equal(parseSegmentName(text), undefined, text);
    }
  });
});
