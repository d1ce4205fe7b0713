// Each documented behaviour of node:dgram as a small program that logs what it sees. Prints one JSON object:
// case -> log. The test runs it with and without the tap and expects the same. Ports differ from run to run, so
// they are logged by the socket that has them.
import { bindCases } from "./dgram/bind.mjs";
import { closeCases } from "./dgram/close.mjs";
import { connectCases } from "./dgram/connect.mjs";
import { optionsCases } from "./dgram/options.mjs";
import { receiveCases } from "./dgram/receive.mjs";
import { sendCases } from "./dgram/send.mjs";
import { shapeCases } from "./dgram/shape.mjs";
import { run } from "./dgram/support.mjs";

const cases = {
  ...bindCases,
  ...sendCases,
  ...receiveCases,
  ...connectCases,
  ...closeCases,
  ...optionsCases,
  ...shapeCases,
};
const results = {};
for (const [name, body] of Object.entries(cases)) results[name] = await run(body);
console.log(JSON.stringify(results));
// Some runtimes keep a socket whose bind failed: the cases are over.
process.exit();
