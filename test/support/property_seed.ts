import fc from "fast-check";

/**
 * The property tests look at the same cases in each `npm test`, so that a change is judged by what it changes. New
 * cases are looked for by `npm run fuzz`, which begins elsewhere each time, or with a seed that a failure has told.
 */
const told = process.env.UDP_TEST_SEED;
const seed = told === "random" ? Date.now() | 0 : Number(told ?? 1);
fc.configureGlobal({ seed });
