// The time of day as a machine has it whose clock is set: by SET_MS, in a process that gets SIGUSR2 from then on.
"use strict";
const { now } = Date;
const set = Number(process.env.SET_MS);
let ms = process.env.SET_LATER ? 0 : set;
Date.now = () => now() + ms;
process.on("SIGUSR2", () => {
  ms = set;
  console.log("set");
});
