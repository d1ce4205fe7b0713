import assert from "node:assert/strict";
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, readText } from "../support/markdown.ts";

const { version } = JSON.parse(readText("package.json")) as { version: string };

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

async function run(command: string, words: string[], options: SpawnOptions = {}): Promise<Ended> {
  const child = spawn(command, words, { cwd: ROOT, stdio: "pipe", ...options });
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk));
  child.stderr?.on("data", (chunk: Buffer) => (text += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}

const release = (words: string[], env: NodeJS.ProcessEnv = {}) =>
  run("bash", [".ci/release", ...words], { env: { ...process.env, ...env } });

/** What somebody has asked a registry for. */
interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly body: Buffer;
}

/** What a registry says to that; undefined where there is nothing of that name. */
type Answer = (asked: Asked) => object | undefined;

/** A registry of extensions on this machine that takes whatever it is given. */
class Registry {
  readonly asked: Asked[] = [];
  readonly #server: Server;

  constructor(answer: Answer) {
    this.#server = createServer(async (request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const asked = {
        method: request.method ?? "",
        url: request.url ?? "",
        authorization: request.headers.authorization ?? "",
        body: Buffer.concat(chunks),
      };
      this.asked.push(asked);
      response.setHeader("content-type", "application/json");
      const answered = answer(asked);
      if (!answered) response.statusCode = 404;
      else if ("error" in answered) response.statusCode = 400;
      response.end(JSON.stringify(answered ?? {}));
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describe("a release", function () {
  this.timeout(120_000);

  before(function () {
    if (process.platform === "win32") this.skip(); // releases are made on Linux, with bash
  });

  it("is of the version that package.json names, which the change log tells of", async () => {
    assert.deepEqual(await release(["check", `v${version}`]), { code: 0, text: "" });
    const { code, text } = await release(["check", "v9.9.9"]);
    assert.equal(code, 1);
    assert.match(text, /^Cannot release: the tag is v9\.9\.9 and package\.json has /);
  });

  it("has the section of the change log as its notes, and no other version's", async () => {
    const { code, text } = await release(["notes", `v${version}`]);
    assert.equal(code, 0);
    const [, section = ""] = readText("CHANGELOG.md").split(`## ${version} - `);
    assert.equal(text.trim(), section.replace(/^.*/, "").split(/^## /m)[0]?.trim());
    assert.match(text, /^- /m);
  });

  it("publishes nothing without both tokens", async () => {
    const words = ["publish", "package.json"];
    const { code, text } = await release(words, { VSCE_PAT: "a", OVSX_PAT: "" });
    assert.equal(code, 1);
    assert.match(text, /VSCE_PAT and OVSX_PAT must both be set/);
  });

  describe("to registries on this machine", () => {
    let folder: string;
    let vsix: string;

    before(async function pack() {
      folder = await mkdtemp(join(tmpdir(), "udp-release-"));
      vsix = join(folder, "packed.vsix");
      const manifest = {
        ...{ name: "packed", publisher: "somebody", version: "1.2.3", license: "MIT" },
        ...{ engines: { vscode: "^1.101.0" }, files: ["README.md"] },
        repository: "https://github.com/somebody/packed",
      };
      await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
      await writeFile(join(folder, "README.md"), "# Packed\n");
      await writeFile(join(folder, "LICENSE"), "MIT\n");
      const vsce = join(ROOT, "node_modules/.bin/vsce");
      const { text } = await run(vsce, ["package", "--out", vsix], { cwd: folder });
      assert.ok(existsSync(vsix), text);
    });
    after(() => rm(folder, { recursive: true, force: true }));

    /** Publishes to two registries that answer so; returns what each was asked for. */
    async function publish(answers: readonly Answer[]): Promise<Asked[][]> {
      const registries = answers.map((answer) => new Registry(answer));
      const [marketplace, openVsx] = await Promise.all(registries.map((one) => one.listen()));
      try {
        const { code, text } = await release(["publish", vsix], {
          VSCE_PAT: "token of the marketplace",
          OVSX_PAT: "token-of-open-vsx",
          VSCE_MARKETPLACE_URL: marketplace,
          OVSX_REGISTRY_URL: openVsx,
          // Programs that are told to go through a proxy go to this machine without.
          NO_PROXY: "127.0.0.1",
        });
        const asked = registries.map((registry) => registry.asked);
        const told = asked.flat().map(({ method, url }) => `${method} ${url}`);
        assert.equal(code, 0, [text, ...told].join("\n"));
        return asked;
      } finally {
        for (const registry of registries) registry.close();
      }
    }

    const isFile = ({ body }: Asked) => body.includes("PK\u0003\u0004");

    it("brings the same file to both, each with its token", async () => {
      const [marketplace = [], openVsx = []] = await publish([
        marketplaceAnswer(undefined),
        () => ({ success: "", namespace: "somebody", name: "packed", version: "1.2.3" }),
      ]);
      const [first] = marketplace.filter(isFile);
      const [second] = openVsx.filter(isFile);
      assert.ok(first && second);
      assert.equal(
        Buffer.from(first.authorization.replace(/^Basic /, ""), "base64").toString(),
        "OAuth:token of the marketplace",
      );
      assert.match(second.url, /^\/api\/-\/publish\?.*token=token-of-open-vsx/);
    });

    it("leaves alone what is published already, so that it can be run again", async () => {
      const [marketplace = [], openVsx = []] = await publish([
        marketplaceAnswer({ versions: [{ version: "1.2.3" }] }),
        () => ({ error: "Extension somebody.packed 1.2.3 is already published." }),
      ]);
      assert.equal(marketplace.filter(isFile).length, 0);
      assert.equal(openVsx.filter(isFile).length, 1);
    });
  });
});

/** The services of the marketplace that vsce asks for, by what they are called there. */
const SERVICES = {
  "e11ea35a-16fe-4b80-ab11-c4cab88a0966": "publishers/{publisherName}/extensions/{extensionName}",
  "a41192c8-9525-4b58-bc86-179fa549d80d": "extensions",
};

/**
 * As far as vsce asks: where the services are, what is there of the extension, and that the file was taken.
 *
 * @param published undefined where it is new
 */
function marketplaceAnswer(published: object | undefined): Answer {
  const value = Object.entries(SERVICES).map(([id, route]) => ({
    ...{ id, area: "gallery", resourceName: route, resourceVersion: 2 },
    ...{ routeTemplate: `_apis/{area}/${route}`, releasedVersion: "7.2" },
    ...{ minVersion: "1.0", maxVersion: "7.2" },
  }));
  return ({ method }) => {
    if (method === "OPTIONS") return { count: value.length, value };
    return method === "GET" ? published : { versions: [{ version: "1.2.3" }] };
  };
}
