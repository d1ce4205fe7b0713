import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, installOnce, projectFolder } from "./cache_folder.ts";

export interface ChromiumBuild {
  readonly executablePath: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The Chromium of the npm package `@sparticuz/chromium` (Linux), with the libraries and fonts a bare machine lacks. */
export async function chromiumBuild(): Promise<ChromiumBuild> {
  const manifest = join(projectFolder, "node_modules/@sparticuz/chromium/package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const name = `chromium-${version}`;
  const folder = await installOnce(name, (temporary) => unpack(temporary, join(cacheFolder, name)));
  return {
    executablePath: join(folder, "chromium"),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  };
}

/**
 * The package unpacks into the system's temporary folder, where two runs at once would meet half a file: a process
 * of its own gets a temporary folder of its own. It adds the libraries only where it believes itself to be in the
 * cloud that it is made for.
 */
async function unpack(folder: string, destination: string): Promise<void> {
  process.stderr.write("Chromium: unpacking it, once (about 200 MB on disk)\n");
  const script = 'await (await import("@sparticuz/chromium")).default.executablePath();';
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: projectFolder,
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
    stdio: ["ignore", 2, 2],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) {
    throw new Error(
      `Cannot unpack @sparticuz/chromium: it ended with ${code}; see its message above`,
    );
  }
  await writeFile(
    join(folder, "fonts.conf"),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(destination, "fonts")}</dir>
  <cachedir>${join(destination, "fonts-cache")}</cachedir>
</fontconfig>
`,
  );
}
