import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("the options", () => {
  it("measure in full into the committed results unless told", () => {
    expect(parseOptions([])).toMatchObject({ leases: 200, restartLeases: 2000, output: "bench/results.md" });
  });

  it("of a quick run are smaller throughout, and never touch the committed results", () => {
    const [full, quick] = [parseOptions([]), parseOptions(["--quick"])];
    for (const name of ["leases", "repetitions", "restartLeases", "openings", "lives", "quietSeconds"] as const) {
      expect(quick[name]).toBeLessThan(full[name]);
    }
    expect(quick.output).not.toBe(full.output);
  });

  it("take sizes one by one", () => {
    expect(parseOptions(["--quick", "--leases=7", "--output", "x.md"])).toMatchObject({ leases: 7, output: "x.md" });
  });

  it.each(["0", "-1", "1.5", "many"])("refuse %j as a size, naming the flag", (value) => {
    expect(() => parseOptions([`--leases=${value}`])).toThrow("--leases must be a whole number above zero");
  });

  it("refuse a flag they do not know", () => {
    expect(() => parseOptions(["--fast"])).toThrow("--fast");
  });
});
