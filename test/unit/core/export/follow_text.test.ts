import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CopiedDatagram } from "../../../../extension/core/export/copy_as.ts";
import { type FollowLayout, followText } from "../../../../extension/core/export/follow_text.ts";
import type { Endpoint } from "../../../../extension/core/wire/endpoint.ts";
import { datagramPacket } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { areInstalled, run } from "../../support/tshark.ts";

const ENDS: Record<string, readonly [Endpoint, Endpoint]> = {
  IPv4: [
    { address: "127.0.0.1", port: 53211 },
    { address: "10.0.0.2", port: 9999 },
  ],
  IPv6: [
    { address: "2001:db8::1", port: 53211 },
    { address: "::1", port: 53211 },
  ],
};

/** What each side says in turn: text, lines, every byte, more than one line of a dump. */
const TALK = [
  [0, "Hello\nWorld"],
  [1, String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))],
  [1, "line\r\nline\r\n"],
  [0, "0123456789abcdefg"],
  [0, "12345678"],
  [1, "x"],
] as const;

function talk([client, server]: readonly [Endpoint, Endpoint]): CopiedDatagram[] {
  return TALK.map(([who, text], index) => ({
    time: 1_700_000_000_000_000 + index,
    source: who === 0 ? client : server,
    destination: who === 0 ? server : client,
    length: text.length,
    payload: Uint8Array.from(text, (character) => character.charCodeAt(0)),
  }));
}

describe("followText()", () => {
  it("has no line for an empty datagram in hex and raw, and its length in the texts", () => {
    const [first = assert.fail()] = talk(ENDS.IPv4 ?? assert.fail());
    const empty = { ...first, length: 0, payload: new Uint8Array() };
    for (const layout of ["hex", "raw"] as const) {
      assert.equal(followText([first, empty], layout), followText([first], layout));
    }
    assert.deepEqual(followText([first, empty], "ascii").split("\n").slice(5, 9), [
      ...["11", "Hello", "World"],
      "0",
    ]);
  });

  for (const [version, ends] of Object.entries(ENDS)) {
    for (const layout of ["ascii", "hex", "raw"] as const satisfies FollowLayout[]) {
      it(`lays a conversation out in ${layout} as Wireshark does, over ${version}`, async function () {
        if (!(await areInstalled("tshark"))) this.skip();
        const datagrams = talk(ends);
        const theirs = await tsharkFollow(datagrams, layout);
        const [mine, wireshark] = [followText(datagrams, layout), theirs].map((text) =>
          text.replace(/^Filter: .*$/m, "Filter"),
        );
        // A carriage return is the one control character that Wireshark passes on.
        assert.equal(mine, wireshark?.replaceAll("\r\n", "\n").replaceAll("\r", "."));
      });
    }

    it(`names a filter over ${version} that Wireshark takes`, async function () {
      if (!(await areInstalled("tshark"))) this.skip();
      const [client, server] = ends;
      const stranger = { ...server, port: 1 };
      const other = { ...talk(ends)[0], source: stranger } as CopiedDatagram;
      const datagrams = talk([client, server]);
      const filter = /^Filter: (.*)$/m.exec(followText(datagrams, "raw"))?.[1] ?? "";
      const shown = await withCapture([...datagrams, other], (path) =>
        run("tshark", "-r", path, "-Y", filter, "-T", "fields", "-e", "frame.number"),
      );
      assert.deepEqual(shown.trim().split("\n").map(Number), [1, 2, 3, 4, 5, 6]);
    });
  }

  it("keeps the letters of every language in utf-8, and escapes what could act", () => {
    const [first] = talk(ENDS.IPv4 ?? assert.fail());
    assert.ok(first);
    const payload = new TextEncoder().encode("你好\n\x1b]0;x\x07");
    const text = followText([{ ...first, payload, length: payload.length }], "utf-8");
    assert.match(text, /\n13\n你好\n\\x1b\]0;x\\x07\n=/);
  });

  it("tells both lengths of a datagram that was cut, and that one was empty", () => {
    const [first] = talk(ENDS.IPv4 ?? assert.fail());
    assert.ok(first);
    const cut = { ...first, payload: first.payload.subarray(0, 3), length: 1400 };
    const empty = { ...first, payload: new Uint8Array(), length: 0 };
    assert.match(followText([cut, empty], "ascii"), /\n3 of 1400\nHel\n0\n=/);
  });

  it("says nothing of nothing", () => {
    assert.equal(followText([], "hex"), "");
  });
});

function tsharkFollow(datagrams: readonly CopiedDatagram[], layout: string): Promise<string> {
  return withCapture(datagrams, async (path) =>
    (await run("tshark", "-q", "-r", path, "-z", `follow,udp,${layout},0`)).trimStart(),
  );
}

async function withCapture<T>(
  datagrams: readonly CopiedDatagram[],
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "udp-workbench-follow-"));
  try {
    const file = new PcapBytes();
    for (const { source, destination, payload } of datagrams) {
      file.packet(1, 0, datagramPacket(source, destination, payload));
    }
    const path = join(folder, "talk.pcap");
    await writeFile(path, file.bytes);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
