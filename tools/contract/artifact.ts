import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./forge.ts";

/** Contracts whose ABI and bytecode the repository carries, so that nothing but their build needs a compiler. */
export const published = ["ComputeMarket", "TestToken"] as const;

/** What the operator needs of a compiled contract. */
export interface Artifact {
  readonly abi: readonly unknown[];
  readonly bytecode: string;
  /** Bytes of code on chain; EIP-170 bounds it. */
  readonly runtimeBytes: number;
}

/** Path of the committed JSON of a contract. */
export function committedPath(name: string): string {
  return join(root, "src/networks/market/contract", `${name}.json`);
}

/** Reads what forge compiled. Throws when the file has another shape, which means another forge. */
export async function readCompiled(name: string): Promise<Artifact> {
  const path = join(root, "contracts/out", `${name}.sol`, `${name}.json`);
  const compiled: unknown = JSON.parse(await readFile(path, "utf8"));
  const abi = property(compiled, "abi");
  const bytecode = property(property(compiled, "bytecode"), "object");
  const runtime = property(property(compiled, "deployedBytecode"), "object");
  if (!Array.isArray(abi) || typeof bytecode !== "string" || typeof runtime !== "string") {
    throw new Error(`${path}: no abi, bytecode.object or deployedBytecode.object; is forge the pinned version?`);
  }
  return { abi, bytecode, runtimeBytes: (runtime.length - 2) / 2 };
}

/** Renders the committed form: one ABI entry a line, so that a diff shows what changed in the interface. */
export function render(artifact: Artifact): string {
  const entries = artifact.abi.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  return `{\n  "abi": [\n${entries}\n  ],\n  "bytecode": ${JSON.stringify(artifact.bytecode)}\n}\n`;
}

/** Writes the committed JSON of a contract. */
export async function writeCommitted(name: string, artifact: Artifact): Promise<void> {
  await writeFile(committedPath(name), render(artifact));
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
