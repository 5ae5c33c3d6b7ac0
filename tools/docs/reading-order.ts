import { readAlerts } from "../prometheus/rules.ts";

/**
 * The documents whose commands a test runs, in the order of a reader who begins with an empty cluster; what one leaves is
 * there for the next.
 */
export const readingOrder = [
  "docs/install.md",
  "docs/offers.md",
  "docs/isolation.md",
  "docs/networks.md",
  "docs/troubleshooting.md",
  "docs/upgrades.md",
] as const;

const runbooks = (await readAlerts()).map(({ alert }) => `docs/runbooks/${alert}.md`);

/** Documents with commands that other tests try, and which. */
export const triedElsewhere: Readonly<Record<string, string>> = {
  "README.md": "tools/docs/covered.test.ts",
  "charts/berthage/README.md": "test/integration/chart/accepted.test.ts",
  "docs/cli.md": "src/cli/docs.test.ts",
  "docs/manifest.md": "src/workload/manifest/reference.test.ts",
  ...Object.fromEntries(runbooks.map((path) => [path, "test/scenario/monitoring.test.ts"])),
};
