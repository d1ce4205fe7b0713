import type { Workbench } from "../support/workbench.ts";

/** Runs a command of three questions; each is answered by Enter, after typing the answer where one is given. */
export async function runAnswering(
  workbench: Workbench,
  title: string,
  answers: readonly (string | undefined)[] = [],
): Promise<void> {
  await workbench.runCommand(title);
  for (const [index, step] of ["(1/3)", "(2/3)", "(3/3)"].entries()) {
    await workbench.quickInput.shown(step);
    await workbench.quickInput.accept(answers[index]);
  }
}
