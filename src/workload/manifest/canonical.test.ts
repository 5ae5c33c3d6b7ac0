import { describe, expect, it } from "vitest";
import { fullManifest } from "../../../test/support/workload/manifests.ts";
import { canonicalManifest } from "./canonical.ts";
import { parseManifest } from "./parse.ts";

describe("canonicalManifest", () => {
  it("means the same as the text that it came from", () => {
    const canonical = canonicalManifest(fullManifest);
    const original = parseManifest(fullManifest);
    if (!canonical.ok || !original.ok) throw new Error("the example is refused");
    expect(parseManifest(canonical.json)).toMatchObject({ ok: true, manifest: original.manifest });
  });

  it("is the same whatever the layout", () => {
    const flow = canonicalManifest('{"services": [{"image": "b", "name": "a"}], "version": 1}');
    const block = canonicalManifest("version: 1 # language\nservices:\n  - name: a\n    image: b\n");
    expect(flow).toEqual({ ok: true, json: '{"services":[{"image":"b","name":"a"}],"version":1}' });
    expect(block).toEqual(flow);
  });

  it("says what is wrong with a text that is no YAML", () => {
    expect(canonicalManifest("a: [")).toMatchObject({ ok: false, problems: [{ rule: "syntax" }] });
  });
});
