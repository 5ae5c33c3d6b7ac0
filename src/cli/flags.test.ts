import { describe, expect, test } from "vitest";
import { environmentVariables, Flags, flagOf } from "./flags.ts";
import { formatOf } from "./options.ts";

describe("Flags", () => {
  test("an empty text is none: an exported but empty variable names nothing", () => {
    const flags = new Flags({ gateway: "", market: "0x1", yes: true });
    expect(flags.text("gateway")).toBeUndefined();
    expect(flags.text("market")).toBe("0x1");
    expect(() => flags.required("gateway")).toThrow("--gateway is missing");
  });

  test("what is missing is named as it is typed, with its variable", () => {
    for (const [name, variable] of environmentVariables) {
      const failure = expect(() => new Flags({}).required(name));
      failure.toThrow(
        expect.objectContaining({ message: `${flagOf(name)} is missing`, next: expect.stringContaining(variable) }),
      );
    }
  });

  test("switches are set only by themselves", () => {
    const flags = new Flags({ yes: true, all: "true" });
    expect([flags.isSet("yes"), flags.isSet("all"), flags.isSet("debug")]).toEqual([true, false, false]);
    expect(flags.text("yes")).toBeUndefined();
  });
});

test.each([
  ["keyFile", "--key-file"],
  ["manifestPublicKey", "--manifest-public-key"],
  ["rpc", "--rpc"],
])("%s is typed %s", (name, flag) => {
  expect(flagOf(name)).toBe(flag);
});

test.each([
  ["json", "json"],
  ["yaml", "yaml"],
  [undefined, "table"],
])("-o %s prints %s", (output, format) => {
  expect(formatOf(new Flags({ output }))).toBe(format);
});
