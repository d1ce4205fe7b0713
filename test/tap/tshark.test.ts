import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { defaultRuntime } from "../support/runtimes.ts";
import { readDatagrams, readFolder } from "./support/capture_folder.ts";
import { runProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const FIELDS = [
  "frame.interface_name",
  "frame.packet_flags_direction",
  "udp.srcport",
  "udp.dstport",
  "udp.length",
  "ip.checksum.status",
  "udp.checksum.status",
  "frame.comment",
];

const REFUSAL_FIELDS = [
  "icmp.type",
  "icmp.code",
  "icmp.checksum.status",
  "icmpv6.type",
  "icmpv6.code",
  "icmpv6.checksum.status",
  "udp.srcport",
  "udp.dstport",
  "udp.length",
  "frame.comment",
];

describe("tshark and the tap's files", function () {
  this.timeout(180_000);
  const version = tshark(["--version"]);
  const title = version === undefined ? " (tshark is not on this machine: NOT TESTED)" : "";
  const tapped = TapUnderTest.forSuite();

  before(function () {
    if (version === undefined) this.skip();
  });

  for (const [program, words] of [
    ["lesson.mjs", ["127.0.0.1"]],
    ["lesson.mjs", ["::1"]],
    ["failures.mjs", []],
    ["refused.mjs", ["127.0.0.1"]],
    ["refused.mjs", ["::1"]],
    ["ping_pong.mjs", ["3", "65507"]],
    ["ping_pong.mjs", ["3", "0"]],
  ] as const) {
    it(`agree about ${program} ${words.join(" ")}${title}`, async () => {
      const tap = tapped.inNewFolder();
      await runProgram(defaultRuntime, join(PROGRAMS, program), { tap, words });
      const [file] = readFolder(tap.folder);
      const path = join(tap.folder, file?.name ?? "");
      const check = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"];
      const fields = FIELDS.flatMap((field) => ["-e", field]);
      const options = ["-n", ...check, "-T", "fields", "-E", "separator=|", ...fields];

      const lines = tshark(["-r", path, ...options, "-Y", "!icmp && !icmpv6"])
        ?.trimEnd()
        .split("\n");
      const expected = readDatagrams(tap.folder).map(
        ({ socket, direction, source, destination, length, comment }) => {
          const isIpv6 = source.startsWith("[");
          return [
            socket.name,
            direction === "in" ? "0x00000001" : "0x00000002",
            portOf(source),
            portOf(destination),
            length + 8,
            // 1: good; 3: not there, which is right for IPv4 alone.
            isIpv6 ? "" : 1,
            isIpv6 ? 1 : 3,
            comment,
          ].join("|");
        },
      );
      assert.ok(expected.length > 0);
      assert.deepEqual(lines, expected);
      const icmp = REFUSAL_FIELDS.flatMap((field) => ["-e", field]);
      const messages = ["-n", "-T", "fields", "-E", "separator=|", ...icmp, "-Y", "icmp || icmpv6"];
      assert.deepEqual(
        tshark(["-r", path, ...check, ...messages])?.trimEnd(),
        file?.refusals
          .map(({ source, destination, length, comment }) => {
            const [v4, v6] = source.startsWith("[") ? ["||", "1|4|1"] : ["3|3|1", "||"];
            return [v4, v6, portOf(source), portOf(destination), length + 8, comment].join("|");
          })
          .join("\n"),
      );
      // Warnings and errors; a comment is a note.
      const bad = "_ws.malformed || _ws.expert.severity >= 0x00600000";
      assert.equal(tshark(["-r", path, ...check, "-Y", bad]), "");
    });
  }
});

/** What tshark prints, or undefined where there is none. */
function tshark(parameters: readonly string[]): string | undefined {
  try {
    return execFileSync("tshark", parameters, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function portOf(endpoint: string): string | undefined {
  return endpoint.split(":").at(-1);
}
