import assert from "node:assert/strict";
import fc from "fast-check";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import { completeFilter } from "../../../../extension/core/filter/completion.ts";
import { cpuMilliseconds } from "../../../support/cpu_time.ts";

const CONTEXT = {
  ports: [9999, 53, 53211],
  peers: ["127.0.0.1:53211", "[fe80::2]:9"],
  sockets: ["127.0.0.1:9999", "[::1]:53", 'my "card" (1)', ""],
  programs: ["udp_server.ts", "My Program.ts", ""],
};

/** Proposals at the bar, written into the text. */
function completed(marked: string): string[] {
  const caret = marked.indexOf("|");
  const text = marked.replace("|", "");
  const { start, end, proposals } = completeFilter(text, caret, CONTEXT);
  return proposals.map(({ insert }) => text.slice(0, start) + insert + text.slice(end));
}

describe("completeFilter()", () => {
  it("proposes qualifiers where a condition may begin", () => {
    const all = completed("|");
    assert.ok(all.includes("from:") && all.includes("is:") && !all.includes("udp.port"));
    assert.deepEqual(completed("p|"), ["peer:", "port:", "program:", "protobuf"]);
    assert.deepEqual(completed("hello -fro|"), ["hello -from:"]);
    assert.deepEqual(completed('"a b" fro|'), ['"a b" from:']);
    assert.deepEqual(completed("(!so|) x"), ["(!socket:) x"]);
    assert.deepEqual(completed("udp && !js|"), ["udp && !json"]);
    assert.deepEqual(completed("a or d|"), [
      "a or dir:",
      "a or data.len",
      "a or data",
      "a or data.data",
      "a or data.text",
      "a or dns",
    ]);
    assert.deepEqual(completed("fr|om"), [
      "from:",
      "frame.time_relative",
      "frame.time_epoch",
      "frame.comment",
      "frame.interface_name",
    ]);
  });

  it("proposes values that are there", () => {
    assert.deepEqual(completed("port:|"), ["port:9999", "port:53", "port:53211"]);
    assert.deepEqual(completed("port:53|"), ["port:53211"]);
    assert.deepEqual(completed("x dir:| y"), ["x dir:in y", "x dir:out y"]);
    assert.deepEqual(completed("is:l|ost"), [
      "is:lost",
      "is:delivered",
      "is:unclear",
      "is:duplicate",
      "is:delayed",
      "is:failed",
    ]);
    assert.deepEqual(completed("peer:|"), ["peer:127.0.0.1:53211", "peer:[fe80::2]:9"]);
    assert.deepEqual(completed("to:99|"), ["to:127.0.0.1:9999"]);
    // What begins so comes first; else they are in the order in which they are known.
    assert.deepEqual(completed("program:r|"), ["program:udp_server.ts", 'program:"My Program.ts"']);
    assert.deepEqual(completed("program:my|"), ['program:"My Program.ts"']);
    assert.deepEqual(completed('program:"My Pro|'), ['program:"My Program.ts"']);
    assert.deepEqual(completed("socket:card|"), ['socket:"my \\"card\\" (1)"']);
    assert.deepEqual(completed("len:|"), ["len:>100"]);
  });

  it("proposes Wireshark's fields, operators and values", () => {
    assert.deepEqual(completed("udp.p|"), ["udp.port", "udp.payload"]);
    assert.deepEqual(completed("udp.port =|"), ["udp.port =="]);
    assert.ok(completed("udp.port i|").includes("udp.port in"));
    for (const word of ["no.field", "data"]) {
      assert.ok(!completed(`${word} i|`).includes(`${word} in`));
    }
    assert.ok(completed("frame.comment |").includes("frame.comment contains"));
    assert.deepEqual(completed("udp.port == 5|"), ["udp.port == 53", "udp.port == 53211"]);
    assert.deepEqual(completed("ip.src eq |"), ["ip.src eq 127.0.0.1"]);
    assert.deepEqual(completed("ipv6.addr != |"), ["ipv6.addr != ::1", "ipv6.addr != fe80::2"]);
    assert.deepEqual(completed('frame.interface_name == "my |'), [
      'frame.interface_name == "my \\"card\\" (1)"',
    ]);
    assert.deepEqual(completed("a && data.data contains |"), ['a && data.data contains "Hello"']);
  });

  it("proposes fifty at most", () => {
    const context = { ...CONTEXT, ports: Array.from({ length: 60 }, (_, port) => port) };
    assert.equal(completeFilter("port:", 5, context).proposals.length, 50);
  });

  it("proposes nothing inside a quoted text, and not what is there already", () => {
    assert.deepEqual(completed('"fr|'), []);
    assert.deepEqual(completed("dir:in|"), []);
    assert.deepEqual(completed("port:|53").at(0), "port:9999");
  });

  it("proposes only what makes a filter, or the start of one, out of a filter", () => {
    for (const start of ["", "x ", "not ", "(a) ", "port:1 and "]) {
      for (const { insert, kind } of completeFilter(start, start.length, CONTEXT).proposals) {
        assert.equal(kind, "qualifier");
        const name = `${start}${insert}`;
        const { proposals } = completeFilter(name, name.length, CONTEXT);
        assert.ok(proposals.length > 0, name);
        for (const value of proposals) {
          assert.ok("filter" in compileFilter(name + value.insert), name + value.insert);
        }
      }
    }
  });

  it("takes any text with the caret anywhere", () => {
    const unit = fc.constantFrom(
      ...'"\\ ():-!=<>&|abfromudp.port1',
      "from:",
      "udp.port ",
      " eq ",
      "🙂",
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), fc.nat(100), (units, at) => {
        const text = units.join("");
        const caret = Math.min(at, text.length);
        const { start, end } = completeFilter(text, caret, CONTEXT);
        assert.ok(0 <= start && start <= caret && caret <= end && end <= text.length);
      }),
    );
    for (const piece of ['"', "\\", '"\\', "a", "a.", " ", "-", "eq ", "a eq ", "from:", "<"]) {
      const text = piece.repeat(10_000 / piece.length);
      const took = cpuMilliseconds(() => completeFilter(text, text.length, CONTEXT));
      assert.ok(took < 500, `${piece} took ${took} ms`);
    }
  });
});
