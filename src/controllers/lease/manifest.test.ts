import { describe, expect, test } from "vitest";
import { noManifest } from "../../../test/support/controllers/ledger.ts";
import { gpuOffer } from "../../../test/support/workload/offers.ts";
import { acceptManifest } from "../../workload/manifest/fit.ts";
import { decideManifest, type ManifestState } from "./manifest.ts";

const [older, newer] = [`0x${"0a".repeat(32)}`, `0x${"0b".repeat(32)}`];
const result = acceptManifest(
  'version: 1\nservices: [{ name: web, image: nginx, resources: { cpu: "1", memory: 1Gi } }]',
  { offer: gpuOffer(), units: 1 },
);
if (!result.ok) throw new Error("the test's manifest is wrong");
const { manifest } = result;

function resolver(states: Readonly<Record<string, "accepted" | "invalid">>): (hash: string) => ManifestState {
  return (hash) => {
    const kind = states[hash];
    if (kind === "accepted") return { kind, hash, manifest };
    return kind === "invalid" ? { kind, hash, message: "services[0].image is missing" } : { kind: "missing", hash };
  };
}

describe("the manifest that runs", () => {
  test("is the one that the ledger names, never another upload", () => {
    const resolve = resolver({ [older]: "accepted", [newer]: "accepted" });
    expect(decideManifest(older, newer, resolve)).toEqual({ kind: "accepted", hash: older, manifest });
    expect(decideManifest(newer, older, resolve)).toEqual({ kind: "accepted", hash: newer, manifest });
  });

  test("is none before the lease names one, whatever was uploaded", () => {
    const decision = decideManifest(noManifest, undefined, resolver({ [noManifest]: "accepted" }));
    expect(decision).toMatchObject({ kind: "waiting", previous: undefined });
    expect(decision).toMatchObject({ message: expect.stringContaining("names no manifest yet") });
  });

  test.each([
    { name: "not uploaded", states: {}, kind: "waiting", says: newer },
    { name: "invalid", states: { [newer]: "invalid" }, kind: "invalid", says: "services[0].image" },
  ] as const)("stays the accepted one while the wanted one is $name", ({ states, kind, says }) => {
    const decision = decideManifest(newer, older, resolver({ ...states, [older]: "accepted" }));
    expect(decision).toMatchObject({
      kind,
      message: expect.stringContaining(says),
      previous: { hash: older, manifest },
    });
  });

  test("is none when the accepted one can't be opened any more", () => {
    expect(decideManifest(newer, older, resolver({}))).toMatchObject({ kind: "waiting", previous: undefined });
    expect(decideManifest(newer, older, resolver({ [older]: "invalid" }))).toMatchObject({ previous: undefined });
  });

  test("is not taken for its own predecessor when its upload expired", () => {
    expect(decideManifest(newer, newer, resolver({}))).toMatchObject({ kind: "waiting", previous: undefined });
  });

  test("goes on running when the tenant names none any more", () => {
    expect(decideManifest(noManifest, older, resolver({ [older]: "accepted" }))).toMatchObject({
      kind: "waiting",
      previous: { hash: older },
    });
  });
});
