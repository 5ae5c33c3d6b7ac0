import { expect, it } from "vitest";
import { soak } from "../soak/soak.ts";

// A sample of `make soak`. A run that went wrong is repeated by its seed.
const seed = Number(process.env["SEED"] ?? 1);

it(`random lives under faults break no promise (SEED=${seed})`, async () => {
  const options = { actions: 120, seed, epochActions: [120, 120] as const, quietSeconds: 10, tries: 0 };
  const forget = async (): Promise<void> => undefined;
  const { report, failure } = await soak({ ...options, log: () => undefined, keep: forget, keepHistory: forget });
  console.log(report);
  expect(failure?.why).toBeUndefined();
});
