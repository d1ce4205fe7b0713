// The reporter of `npm run test:workbench`, whose tests drive a whole editor that is not ours: VS Code gives the focus
// to another view, or draws a list anew, in a moment that no test can ask for. Such a test gets a second attempt, after
// the hooks around each test have run again. It is never silent: each first attempt that failed is told at the end, with
// its error. What is listed there is a defect to find: of the test, or, where it comes again, of the product.

import Mocha from "mocha";

// biome-ignore lint/style/noDefaultExport: Mocha takes a reporter in a module so, and only so.
export default class SecondAttempts extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const first: { title: string; error: Error }[] = [];
    runner.on("retry", (test: Mocha.Test, error: Error) => {
      first.push({ title: test.fullTitle(), error });
    });
    runner.once("end", () => {
      if (first.length === 0) return;
      console.log(`  ${first.length} failed at their first attempt:\n`);
      for (const [index, { title, error }] of first.entries()) {
        const text = (error.stack ?? String(error)).replaceAll("\n", "\n     ");
        console.log(`  ${index + 1}) ${title}\n     ${text}\n`);
      }
    });
  }
}
