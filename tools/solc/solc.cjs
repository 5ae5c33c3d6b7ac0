#!/usr/bin/env node
"use strict";
// Looks like a native solc to forge, which calls it only with `--version` and `--standard-json`. No npm package carries
// a native compiler, and the wasm one of the `solc` package needs no network. Any Node from 20 on runs this.
const fs = require("node:fs");
const path = require("node:path");
const solc = require("solc");

// emscripten's own handler would print a minified stack in place of the error.
process.removeAllListeners("uncaughtException");

function argument(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

/** Serves an import below --base-path to the compiler, in the shape solc-js asks for. */
function findImport(file) {
  const full = path.resolve(argument("--base-path") ?? ".", file);
  try {
    return { contents: fs.readFileSync(full, "utf8") };
  } catch (cause) {
    return { error: `${full}: ${cause.message}` };
  }
}

if (process.argv.includes("--version")) {
  const native = solc.version().replace(/\.Emscripten\.clang$/, ".Linux.g++");
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${native}\n`);
} else if (process.argv.includes("--standard-json")) {
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8"), { import: findImport }));
} else {
  process.stderr.write(
    "solc.cjs: only --version and --standard-json are served; call it through forge (npm run contract:build)\n",
  );
  process.exitCode = 2;
}
