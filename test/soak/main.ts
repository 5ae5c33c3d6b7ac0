import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Step } from "./action.ts";
import { replay, soak } from "./soak.ts";

// `make soak N=10000 SEED=1`, or `make soak SCRIPT=FILE` for what an earlier run left.
const folder = fileURLToPath(new URL("../../.berthage/soak", import.meta.url));
const { N, SEED, SCRIPT } = process.env;
const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);
let histories = 0;
/** One a failure: shrinking may come upon another. */
const keepHistory = (text: string): Promise<void> => writeFile(join(folder, `history-${++histories}.txt`), `${text}\n`);
await mkdir(folder, { recursive: true });

if (SCRIPT !== undefined && SCRIPT !== "") {
  const script: readonly Step[] = JSON.parse(await readFile(SCRIPT, "utf8"));
  log(await replay(script, { keepHistory }));
} else {
  const seed = SEED === undefined || SEED === "" ? Date.now() % 1_000_000 : wholeNumber("SEED", SEED);
  const file = join(folder, `script-${seed}.json`);
  const keep = async (script: readonly Step[]): Promise<void> =>
    writeFile(file, `[\n${script.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`);
  const options = {
    actions: wholeNumber("N", N || "10000"),
    seed,
    epochActions: [1, 600] as const,
    quietSeconds: 60,
    tries: 12,
  };
  log(`soak: ${options.actions} actions, seed ${seed}`);
  const { report, failure } = await soak({ ...options, log, keep, keepHistory });
  await writeFile(join(folder, "report.txt"), `${report}\n`);
  log(report);
  if (failure === undefined) log("violations: 0");
  else {
    await keep(failure.script);
    log(`violations: 1\n${failure.why}\nReplay its ${failure.script.length} actions: make soak SCRIPT=${file}`);
    process.exitCode = 1;
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name}=${text} is not a whole number above 0`);
  return value;
}
