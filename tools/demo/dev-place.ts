import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./stage.ts";

/** Where a left-running world keeps its things: `.berthage/dev`, or the folder of `--dir`. */
export function devPlace(argv: readonly string[]): { dir: string; stateFile: string } {
  const { values } = parseArgs({ args: [...argv], options: { dir: { type: "string" } } });
  const dir = values.dir === undefined ? join(root, ".berthage/dev") : resolve(root, values.dir);
  return { dir, stateFile: `${dir}.json` };
}
