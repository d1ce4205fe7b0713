#!/usr/bin/env node
/**
 * Runs request files for the extension, and for whoever has this package from npm: the script, with what reads the definitions
 * that a file uses.
 */
import process from "node:process";
import { main, type ReadDefinitions } from "../../../scripts/udp_run.ts";

const readDefinitions: ReadDefinitions = async (file) => {
  const { requestDefinitions } = await import("./request_definitions.ts");
  return requestDefinitions(file);
};

void main(process.argv.slice(2), readDefinitions).then((exitCode) => {
  process.exitCode ||= exitCode; // 1 where something could not be printed
});
