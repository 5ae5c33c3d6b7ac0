import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

function start(...flags: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...flags], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

it("an operator that cannot start says why in one line of its log, and fails", async () => {
  const { code, stdout, stderr } = await start("--kubeconfig=/none/kubeconfig");
  expect(code).toBe(1);
  expect(stderr).toBe("");
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "error",
    message: "the operator ends",
    error: { message: expect.stringContaining("/none/kubeconfig cannot be read") },
  });
});

it("flags that are wrong are told all at once, apart from other failures", async () => {
  const { code, stdout, stderr } = await start("--log-level=loud", "--colour");
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("--log-level");
  expect(stderr).toContain("--colour");
});
