#!/usr/bin/env node
/**
 * Runs request files for the extension, and for whoever has this package from npm: the script, in one bundle with the extension,
 * which reads such files, too.
 */
import process from "node:process";
import { main } from "../../../scripts/udp_run.ts";

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode ||= exitCode; // 1 where something could not be printed
});
