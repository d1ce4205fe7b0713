import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { DescribedDatagram, UdpWorkbench } from "../../extension/api.ts";
import { waitUntil } from "../support/wait_until.ts";
import { activateWorkbench } from "./workbench_api.ts";

const ACME = `
exports.decode = (payload) => {
  if (payload.length < 2) throw new Error("an acme has two bytes");
  return { fields: [{ name: "temp", value: payload[1] / 2, start: 1, end: 2 }] };
};`;

describe("a decoder that another extension registers", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let folder: string;
  let server: { readonly port: number };

  const call = <T>(command: string, argument: object) =>
    vscode.commands.executeCommand<T>(`udpWorkbench.${command}`, argument);

  before(async () => {
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-decoders-"));
    await call("clear", {});
    server = await call("startServer", { port: 0, reply: "none" });
  });

  after(async () => {
    await call("stopAll", {});
    await rm(folder, { recursive: true });
  });

  async function register(source: string): Promise<vscode.Disposable> {
    const module = join(folder, "acme.cjs");
    await writeFile(module, source);
    return api.registerDecoder({ id: "acme", name: "Acme", ports: [server.port], module });
  }

  /** What is said of a datagram with this payload. */
  async function described(payload: string): Promise<DescribedDatagram> {
    await call("send", { to: `127.0.0.1:${server.port}`, payload, format: "hex" });
    let id: number | undefined;
    await waitUntil(`${payload} in the capture`, async () => {
      const all = await api.datagrams();
      id = all.find((one) => Buffer.from(one.payload).toString("hex") === payload)?.id;
      return id !== undefined;
    });
    return call("describe", { id });
  }

  it("reads what is sent to its ports, until it is disposed of", async () => {
    const registered = await register(ACME);
    const { decoder, fields, problem } = await described("ac2b");
    assert.deepEqual([decoder, problem], ["acme", undefined]);
    assert.deepEqual(fields, [{ path: "temp", value: 21.5, text: "21.5", start: 1, end: 2 }]);
    const [{ id = -1 } = {}] = await api.datagrams();
    const decoded = Promise.resolve(call("decodeAs", { id, decoder: "none" }));
    await assert.rejects(decoded, /none of .*acme/);
    registered.dispose();
    assert.equal((await described("ac2c")).decoder, undefined);
  });

  it("is refused where it is none", async () => {
    await assert.rejects(register("exports.read = 1;"), /exports no function decode/);
    const module = join(folder, "acme.cjs");
    await assert.rejects(api.registerDecoder({ id: "dns", name: "Mine", module }), /built in/);
  });

  it("takes a tenth of a second and no more where it does not end", async () => {
    const registered = await register("exports.decode = () => { for (;;); };");
    try {
      const { decoder, problem } = await described("ac2d");
      // What it does not read is nobody's, unless somebody has chosen it.
      assert.deepEqual([decoder, problem], [undefined, undefined]);
    } finally {
      registered.dispose();
    }
  });
});

describe("a payload that a program sends as its fields", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let server: { readonly port: number };
  const [workspace] = vscode.workspace.workspaceFolders ?? [];
  const file = vscode.Uri.joinPath(workspace?.uri ?? vscode.Uri.file("/"), "sent.ksy");
  const settings = () => vscode.workspace.getConfiguration("udpWorkbench");

  before(async () => {
    api = await activateWorkbench();
    const definition = `meta: {id: sent, endian: be}
seq: [{id: id, type: u2}, {id: len, type: u1}, {id: name, type: str, size: len, encoding: UTF-8}]`;
    await vscode.workspace.fs.writeFile(file, Buffer.from(definition));
    const target = vscode.ConfigurationTarget.Workspace;
    await settings().update("definitions", [{ file: "sent.ksy" }], target);
    server = await vscode.commands.executeCommand("udpWorkbench.startServer", { port: 0 });
  });

  after(async () => {
    await settings().update("definitions", undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand("udpWorkbench.stopAll", {});
    await vscode.workspace.fs.delete(file);
  });

  const send = (payload: string) =>
    Promise.resolve(
      vscode.commands.executeCommand("udpWorkbench.send", {
        ...{ to: `127.0.0.1:${server.port}`, payload, format: "fields" },
      }),
    );

  it("is the bytes that its definition reads so, with the length that nobody wrote", async () => {
    await send('sent { id: 258, name: "ab" }');
    await waitUntil("its bytes", async () =>
      (await api.datagrams()).some(
        ({ payload }) => Buffer.from(payload).toString("hex") === "0102026162",
      ),
    );
  });

  it("is refused with the reason where it cannot be", async () => {
    await assert.rejects(
      send("sent { id: 70000 }"),
      /Cannot send this payload as fields: id is 70000, and holds 0 to 65535\./,
    );
    await assert.rejects(send("lost { id: 1 }"), /is called lost: there are sent/);
  });
});
