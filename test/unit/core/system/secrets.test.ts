import assert from "node:assert/strict";
import {
  commandWithoutSecrets,
  textWithoutSecrets,
} from "../../../../extension/core/system/secrets.ts";

const SECRET = "hunter2";

describe("what a person sees of a command line", () => {
  for (const words of [
    ["--password", SECRET],
    ["--db-password", SECRET, "--verbose"],
    ["-token", SECRET],
    ["--api-key", `-${SECRET}`],
    [`--password=${SECRET} and more`],
    [`token=${SECRET}`],
    [`API_TOKEN=${SECRET}`],
    [`AWS_SECRET_ACCESS_KEY=${SECRET}`],
    ["-H", `Authorization: Bearer ${SECRET}`],
    [`https://host/?a=1&access_token=${SECRET}&b=2`],
    [`coaps://user:${SECRET}@host/`],
    [`{"name":"x","token":"${SECRET}"}`],
  ]) {
    it(`is without the secret of ${words.join(" ")}`, () => {
      const all = ["server.js", ...words, "--port", "9999"];
      const quoted = all.map((word) => (/[\s"]/.test(word) ? JSON.stringify(word) : word));
      for (const text of [commandWithoutSecrets(all), textWithoutSecrets(quoted.join(" "))]) {
        assert.ok(!text.includes(SECRET), text);
        assert.match(text, /^server\.js .*\*\*\*.* --port 9999$/);
      }
    });
  }

  it("is as it stands where there is no secret", () => {
    for (const text of [
      "/app/udp_server.ts --port 9999 --host 127.0.0.1",
      '"a b.js" --name "x y" key:value https://host:80/a?b=c',
      "--tokenize --password",
    ]) {
      assert.equal(textWithoutSecrets(text), text);
    }
  });

  it("costs no more than its length, whatever it is", () => {
    // The time of a long one against a short one that is as long as what is looked at.
    const time = (words: string[]) => {
      const start = process.cpuUsage();
      for (let times = 0; times < 20; times++) commandWithoutSecrets(words);
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    for (const unit of ["token", "a=", "://:", '"', "a.-"]) {
      const short = time([unit.repeat(20_000)]);
      const long = time([unit.repeat(80_000)]);
      assert.ok(long < 16 * Math.max(short, 2000), `${unit}: ${short} µs, ${long} µs`);
    }
  });
});
