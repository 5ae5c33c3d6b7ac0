import { defineConfig } from "vitest/config";

// One project a suite. Only `unit` may run its files side by side: the others each start real servers on two cores.
const suite = (name: string, include: string[], minutes: number, parallel = false, maxConcurrency = 5) => ({
  test: {
    name,
    include,
    maxConcurrency,
    testTimeout: minutes * 60_000,
    hookTimeout: minutes * 60_000,
    fileParallelism: parallel,
    dangerouslyIgnoreUnhandledErrors: false,
  },
});

export default defineConfig({
  test: {
    projects: [
      suite(
        "unit",
        ["{src,tools,bench,test/harness,test/faults,test/unit}/**/*.test.ts", "test/crash/choice.test.ts"],
        1,
        true,
      ),
      suite("integration", ["test/integration/**/*.test.ts"], 3),
      suite("scenario", ["test/scenario/**/*.test.ts"], 5),
      suite("crash", ["test/crash/matrix.test.ts"], 600, false, 4), // worlds that mostly wait
      suite("node", ["test/node/**/*.test.ts"], 5), // by `make test-node` only, which makes a place for it
    ],
  },
});
