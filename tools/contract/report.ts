/** What a run of `forge test` came to. */
export interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly suites: number;
  readonly invariantCalls: number;
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/**
 * Reads the text that `forge test` prints: its closing line has the counts of all suites. Skipped tests count as failed, as nobody
 * looks at them again. A run without that line (it did not compile, it was killed) is one failure.
 */
export function parseReport(output: string): Report {
  const text = output.replace(colours, "");
  const closing = /(\d+) tests? passed, (\d+) failed, (\d+) skipped \(\d+ total tests?\)/.exec(text);
  const calls = [...text.matchAll(/\(runs: \d+, calls: (\d+), reverts: \d+\)/g)];
  return {
    passed: Number(closing?.[1] ?? 0),
    failed: closing === null ? 1 : Number(closing[2]) + Number(closing[3]),
    suites: [...text.matchAll(/^Ran \d+ tests? for /gm)].length,
    invariantCalls: calls.reduce((sum, call) => sum + Number(call[1]), 0),
  };
}
