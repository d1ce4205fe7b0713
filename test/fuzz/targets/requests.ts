import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { completeRequest } from "../../../extension/host/requests/request_completion.ts";
import { formatRequests } from "../../../extension/host/requests/request_format.ts";
import {
  askedIn,
  eachKnown,
  parseRequests,
  payloadOf,
  REQUEST_PROBLEMS,
  readCapture,
  ruleFor,
  whyNot,
} from "../../../scripts/udp_run.ts";
import { cpuMilliseconds } from "../../support/cpu_time.ts";
import type { FuzzTarget } from "../target.ts";
import { pcap, pcapng } from "./captures.ts";

const docs = readFileSync(join(import.meta.dirname, "../../../docs/request_files.md"), "utf8");
const [, example = ""] = /```udp\n([\s\S]*?)```/.exec(docs) ?? [];
const MORE = `### All that there is
# @tag a b @loop 3 @sleep 1ms
SEND [::1]:9 from :40001
base64 aGk= {{length u16le}} {{random 4}} {{now u32be}} {{crc32 be}}
EXPECT 2.. within 1.5s
from distinct
text not matches /^a+(b|c)\\d{2}$/i
json.list[0].name contains "x"
delay < 20ms
### Fields
# @use sensor.ksy
SEND :9
sensor { id: 7, name: "{{device}}", at: {{seq}}
  points: [point { x: 1 }, { x: 2 }] }
EXPECT 1
sensor.points[0].x > -40
@temp = sensor.temp
### Last Tuesday's boot
REPLAY boot.pcapng to :9
EXPECT same except bytes[4..8], bytes[12]
`;

/** A request file is read to its end, each mistake with its place; what it says can be asked for without running it. */
const fileTarget: FuzzTarget = {
  name: "request files",
  seeds: [example, MORE].map((text) => new TextEncoder().encode(text)),
  check(input) {
    const text = new TextDecoder().decode(input);
    const took = cpuMilliseconds(() => {
      const file = parseRequests(text);
      const rows = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
      for (const { line, column, end, code } of file.problems) {
        assert.ok(code in REQUEST_PROBLEMS, code);
        const row = rows[line - 1];
        assert.ok(row !== undefined && column >= 1 && end >= column && end <= row.length + 1);
      }
      const formatted = formatRequests(text);
      assert.equal(formatRequests(formatted), formatted);
      for (const row of rows.slice(0, 20))
        completeRequest(row, "expect", file, { ends: [], fields: [] });
      const subject = {
        payload: Buffer.from(input.slice(0, 20)),
        from: { address: "::1", port: 9 },
      };
      eachKnown(file, new Map(), (_block, step, context) => {
        // A file of its own machine is not for a fuzzer to read.
        if (text.includes("file")) return;
        if (step.kind === "send") payloadOf(step.payload, context);
        // A pattern is the author's: it may take for ever, as any of JavaScript.
        if (text.includes("matches")) return;
        if (step.kind === "serve") ruleFor(step, subject, context);
        if (step.kind === "expect")
          for (const check of step.checks) whyNot(check, subject, context);
      });
    });
    assert.ok(took < 2000, `took ${took} ms`);
  },
};

/** What a capture has of a conversation is in it, or it is refused with a reason. */
const replayTarget: FuzzTarget = {
  name: "replayed captures",
  seeds: [...pcapng, ...pcap],
  check(input) {
    try {
      const asked = askedIn(readCapture(Buffer.from(input)));
      assert.equal(asked[0]?.isQuestion, true);
      const bytes = asked.reduce((sum, { payload }) => sum + payload.length, 0);
      assert.ok(bytes <= input.length, "payloads from nowhere");
    } catch (error) {
      if (
        !(error instanceof Error) ||
        !/^it (is no capture|ends within|has no)/.test(error.message)
      )
        throw error;
    }
  },
};

export const requestTargets: readonly FuzzTarget[] = [fileTarget, replayTarget];
