/**
 * Another user of the machine: gives up every right of its own and tries what the words name. Prints a JSON object:
 * what was tried, and "yes" or the system's name for the reason.
 *
 * Words: a folder, a file in it, the path of a socket.
 */
const { readFileSync, readdirSync, writeFileSync } = require("node:fs");
const { connect } = require("node:net");
const { join } = require("node:path");

/** The user and the group that own nothing ("nobody"). */
const NOBODY = 65_534;

const [folder, file, socket] = process.argv.slice(2);
if (process.env.STAY === undefined) {
  process.setgroups([NOBODY]);
  process.setgid(NOBODY);
  process.setuid(NOBODY);
}

const said = {};
const attempt = (name, act) => {
  try {
    act();
    said[name] = "yes";
  } catch ({ code }) {
    said[name] = code;
  }
};
attempt("list", () => readdirSync(folder));
attempt("read", () => readFileSync(file));
attempt("write", () => writeFileSync(join(folder, "planted"), ""));
connect(socket)
  .on("connect", function end() {
    said.connect = "yes";
    this.destroy();
  })
  .on("error", ({ code }) => {
    said.connect = code;
  })
  .on("close", () => console.log(JSON.stringify(said)));
