import assert from "node:assert/strict";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const TRACKER = `
meta: {id: tracker, endian: le, imports: [common/header]}
seq:
  - {id: head, type: header}
  - {id: temp, type: f4}
types:
  answer: {seq: [{id: code, type: u1}]}
`;
const HEADER = "meta: {id: header, endian: le}\nseq: [{id: id, type: u2}]";
const PAYLOAD = Uint8Array.of(7, 0, 0, 0, 0xac, 0x41);

describe("the definitions of a workspace", () => {
  let files: Map<string, string>;
  let setting: unknown;
  let changeSetting: (setting: unknown) => void;
  let save: () => void;
  let reads: number;
  let definitions: import("../../../../extension/host/definitions/definitions.ts").Definitions;

  const ends = (port = 5005, direction?: "in" | "out") => ({
    ports: [40_000, port],
    peers: ["127.0.0.1", "127.0.0.1:40000", "10.0.0.7", `10.0.0.7:${port}`],
    direction,
  });
  const fieldsOf = async (port?: number) =>
    (await definitions.decode(PAYLOAD, ends(port)))?.decoded?.fields.map(({ name }) => name);

  before(() => standInForVscode());

  beforeEach(async () => {
    const { workspace, Uri } = (await import("vscode")) as unknown as {
      workspace: Record<string, unknown>;
      Uri: Record<string, unknown>;
    };
    files = new Map([
      ["/project/tracker.ksy", TRACKER],
      ["/project/common/header.ksy", HEADER],
    ]);
    setting = [{ file: "tracker.ksy", port: 5005 }];
    reads = 0;
    Uri.joinPath = (folder: string, path: string) => `${folder}/${path}`;
    const textOf = (path: string): string => {
      const text = files.get(path);
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    };
    Object.assign(workspace, {
      onDidChangeConfiguration: (listener: (event: unknown) => void) => {
        changeSetting = (changed) => {
          setting = changed;
          listener({ affectsConfiguration: () => true });
        };
        return { dispose: () => {} };
      },
      workspaceFolders: [{ uri: "/other" }, { uri: "/project" }],
      getConfiguration: () => ({ get: () => setting }),
      createFileSystemWatcher: () => ({
        onDidChange: (listener: () => void) => {
          save = listener;
        },
        onDidCreate: () => {},
        onDidDelete: () => {},
        dispose: () => {},
      }),
      fs: {
        stat: async (path: string) => ({ size: textOf(path).length }),
        readFile: async (path: string) => {
          reads++;
          return new TextEncoder().encode(textOf(path));
        },
      },
    });
    const { Definitions } = await import("../../../../extension/host/definitions/definitions.ts");
    definitions = new Definitions();
  });

  afterEach(() => definitions.dispose());

  it("decode what they are for, with what they import, and are read once", async () => {
    assert.deepEqual(await fieldsOf(), ["head", "temp"]);
    assert.deepEqual(await fieldsOf(), ["head", "temp"]);
    assert.equal(reads, 2);
    assert.equal(await fieldsOf(5006), undefined);
  });

  it("are read anew when a file is saved, also one that is imported", async () => {
    await fieldsOf();
    let changes = 0;
    definitions.onDidChange(() => changes++);
    files.set("/project/common/header.ksy", "meta: {id: header}\nseq: [{id: id, type: u9}]");
    save();
    assert.equal(changes, 1);
    const found = await definitions.decode(PAYLOAD, ends());
    assert.equal(found?.decoded, undefined);
    assert.deepEqual(
      found?.loaded?.problems.map(({ file, line, code }) => [file, line, code]),
      [["common/header.ksy", 2, "unknownType"]],
    );
  });

  it("are chosen by the first entry that fits", async () => {
    changeSetting([
      { file: "tracker.ksy", port: 1 },
      { file: "tracker.ksy", peer: "10.0.0.8" },
      { file: "tracker.ksy", direction: "out" },
      { file: "tracker.ksy", peer: "10.0.0.7:5005", direction: "in", type: "answer" },
      { file: "tracker.ksy" },
    ]);
    const typeFor = async (direction?: "in" | "out") => {
      const found = await definitions.decode(PAYLOAD, ends(5005, direction));
      return found?.decoded?.protocol;
    };
    assert.equal(await typeFor("in"), "answer");
    assert.equal(await typeFor("out"), "tracker");
    assert.equal(await typeFor(), "tracker");
  });

  it("may be a .proto, with what it imports, behind a header", async () => {
    files.set(
      "/project/proto/a.proto",
      'package acme; import "b.proto"; message A { optional B b = 1; } message C { optional int32 c = 1; }',
    );
    files.set("/project/proto/b.proto", "package acme; message B { optional int32 x = 1; }");
    changeSetting([
      { file: "proto/a.proto", when: "u1[0] == 1", skip: 1 },
      { file: "proto/a.proto", type: "acme.C", when: "u1[0] == 2", skip: 1 },
      { file: "proto/a.proto", type: "C", delimited: true },
      { file: "proto/a.proto", type: "acme.D" },
      { file: "proto/none.proto" },
      { file: "tracker.ksy", skip: 1 },
    ]);
    const { definitionDecoder } = await import(
      "../../../../extension/host/definitions/payload_decoder.ts"
    );
    const decoders = (await definitions.all()).map(definitionDecoder);
    const told = (index: number, hex: string, isCut = false) => {
      const { summary, problem } = decoders[index]?.decode(Buffer.from(hex, "hex"), isCut) ?? {};
      return problem ?? summary;
    };
    assert.deepEqual(
      decoders.map(({ id }) => id),
      ["A", "C", "C", "acme.D", "proto/none.proto"],
    );
    assert.equal(told(0, "010a020805"), "header 01, b");
    assert.equal(told(1, "020805"), "header 02, c 5");
    assert.equal(
      told(2, "0208050208ff"),
      "Does not fit: The payload ends within the number at byte 5.",
    );
    assert.match(
      told(1, "020a05", true) ?? "",
      /^The capture ends before the payload does: 0 byte/,
    );
    assert.match(told(3, "0805") ?? "", /has no type acme\.D/);
    assert.match(told(4, "0805") ?? "", /the workspace has no such file/);
    assert.deepEqual(decoders[0]?.fields.names, ["A.b", "A.b.x"]);
    assert.ok(decoders[0]?.fields.find("A.b.x"));
    assert.equal(decoders[0]?.fields.find("A.b.y"), undefined);
    assert.match(definitions.setting.problems[0]?.problem ?? "", /skip.*only for a \.proto/);
    // Saved anew, with a mistake.
    files.set("/project/proto/b.proto", "package acme;\nmessage B { optional int33 x = 1; }");
    save();
    const [wrong] = (await definitions.all()).map(definitionDecoder);
    assert.match(
      wrong?.decode(Uint8Array.of(1), false).problem ?? "",
      /^proto\/b\.proto:2:\d+: There is no message and no enum int33 here\.$/,
    );
  });

  it("are chosen for a port by a person, a message of a .proto as well as a type of a .ksy", async () => {
    files.set("/project/a.proto", "package acme; message A {} message C {}");
    files.set("/project/wrong.proto", "message A { int33 x = 1; }");
    const { workspace, window } = (await import("vscode")) as unknown as Record<string, object>;
    const written: unknown[] = [];
    const settings = {
      get: () => setting,
      inspect: () => ({ workspaceValue: [] }),
      update: async (_: string, value: unknown) => written.push(value),
    };
    let chosen: string[] = [];
    Object.assign(workspace ?? {}, {
      findFiles: async () => [...files.keys()],
      asRelativePath: (path: string) => path.replace("/project/", ""),
      getConfiguration: () => settings,
    });
    Object.assign(window ?? {}, {
      showQuickPick: async (items: readonly (string | { readonly file: string })[]) => {
        const wanted = chosen.shift();
        return items.find((item) => (typeof item === "string" ? item : item.file) === wanted);
      },
    });
    const { chooseDefinition } = await import(
      "../../../../extension/host/definitions/choose_definition.ts"
    );
    chosen = ["a.proto", "acme.C"];
    assert.deepEqual(await chooseDefinition(5005), { file: "a.proto", type: "acme.C", port: 5005 });
    chosen = ["a.proto", "acme.A"];
    assert.deepEqual(await chooseDefinition(5005), { file: "a.proto", port: 5005 });
    chosen = ["tracker.ksy", "answer"];
    assert.deepEqual(await chooseDefinition(5006), {
      ...{ file: "tracker.ksy", type: "answer", port: 5006 },
    });
    assert.equal(written.length, 3);
    chosen = ["wrong.proto"];
    await assert.rejects(
      chooseDefinition(5005),
      /Cannot decode by wrong\.proto: wrong\.proto:1:13: There is no message and no enum int33 here/,
    );
  });

  it("are no file outside of the workspace, and no entry that is none", async () => {
    files.set("/secret.ksy", TRACKER);
    for (const file of [
      "../secret.ksy",
      "/secret.ksy",
      "a/../../secret.ksy",
      "c:\\secret.ksy",
      "file:///secret.ksy",
      "",
    ]) {
      changeSetting([{ file }]);
      assert.equal(await definitions.decode(PAYLOAD, ends()), undefined, file);
    }
    for (const wrong of [
      undefined,
      null,
      "tracker.ksy",
      {},
      [null, 7, "tracker.ksy", { file: 7 }],
    ]) {
      changeSetting(wrong);
      assert.equal(await definitions.decode(PAYLOAD, ends()), undefined);
    }
    files.set("/project/tracker.ksy", "meta: {id: tracker, imports: [../secret]}");
    changeSetting([{ file: "tracker.ksy" }]);
    const found = await definitions.decode(PAYLOAD, ends());
    assert.deepEqual(
      found?.loaded?.problems.map(({ code }) => code),
      ["importNotFound"],
    );
  });

  it("are for payloads that are what an entry asks for", async () => {
    changeSetting([
      { file: "tracker.ksy", type: "answer", when: "u2be[0] == 0x0007" },
      { file: "tracker.ksy", when: "u2le[0] == 7 and u1[5] & 0x40 != 0 and _io.size == 6" },
    ]);
    assert.equal((await definitions.decode(PAYLOAD, ends()))?.decoded?.protocol, "tracker");
    assert.equal(await definitions.decode(PAYLOAD.subarray(0, 5), ends()), undefined);
  });

  it("say what is wrong with an entry, by its number and key, and leave it out", async () => {
    const problemsOf = (entry: unknown): readonly string[] => {
      changeSetting([{ file: "tracker.ksy", port: 1 }, entry]);
      assert.equal(definitions.setting.uses.length, 1);
      return definitions.setting.problems.map(({ problem }) => problem);
    };
    const file = "tracker.ksy";
    const told: [unknown, string][] = [
      [7, "Entry 2: expected an object with file, got 7."],
      [{}, "Entry 2: the key file is missing."],
      [
        { file, prot: 5 },
        "Entry 2, prot: this is none of the keys file, type, port, peer, direction, when, skip, delimited.",
      ],
      [{ file, port: "5005" }, "Entry 2, port: expected a port from 1 to 65535, got 5005."],
      [
        { file, peer: "tracker:5" },
        "Entry 2, peer: expected an address, or an address and a port as 10.0.0.7:5005 or [::1]:5005, got tracker:5.",
      ],
      [{ file, direction: "IN" }, "Entry 2, direction: expected in, out, got IN."],
      [{ file, type: 4 }, "Entry 2, type: expected the name of a type, got 4."],
      [
        { file, when: "u2[0] == 1" },
        "Entry 2, when: u2 needs an order of bytes: add endian to meta, or write u2le or u2be.",
      ],
      [{ file, when: "temp > 1" }, "Entry 2, when: payload has no field temp."],
      [{ file, when: "u1[0]" }, "Entry 2, when: Expected bool, got int."],
      [{ file, when: "u1[0] = 1" }, "Entry 2, when: = cannot stand here."],
    ];
    for (const [entry, problem] of told) assert.deepEqual(problemsOf(entry), [problem]);
    assert.equal(problemsOf({ port: 0, peer: 1 }).length, 3);
  });

  it("are for a peer however its address is written", async () => {
    for (const peer of ["::ffff:10.0.0.7", "10.0.0.7:05005"]) {
      changeSetting([{ file: "tracker.ksy", peer }]);
      assert.ok(await definitions.decode(PAYLOAD, ends()), peer);
    }
  });

  it("say that a file is not there", async () => {
    changeSetting([{ file: "gone.ksy" }]);
    const found = await definitions.decode(PAYLOAD, ends());
    assert.ok(found && found.loaded === undefined && found.decoded === undefined);
  });

  it("say of a payload that was cut that the capture ends, and not that it does not fit", async () => {
    const { misfitText } = await import("../../../../extension/host/words/problem_text.ts");
    const found = await definitions.decode(PAYLOAD.subarray(0, 4), ends());
    const { misfit } = found?.decoded ?? {};
    assert.ok(misfit);
    assert.equal(misfitText(misfit, false), "Does not fit: 2 bytes left, temp needs 4.");
    assert.equal(misfitText(misfit, true), "The capture ends within temp, which starts at byte 2.");
  });
});
