import { describe, expect, it } from "vitest";
import { type Contents, sbom } from "./sbom.ts";

const component = (name: string, version: string): object => ({
  "bom-ref": `${name}@${version}`,
  type: "library",
  name,
  version,
  purl: `pkg:npm/${name}@${version}`,
  licenses: [{ license: { id: "MIT" } }],
});

/** As npm writes it: with a random serial number, the time, the folder's name, and packages that are no part of the image. */
const npm = {
  serialNumber: "urn:uuid:60ac4da9-f962-4715-925e-20f051f9b11d",
  metadata: { timestamp: "2026-11-23T14:46:27.385Z", component: { name: "some-folder" } },
  components: [
    component("express", "5.3.0"),
    component("ms", "2.1.3"),
    component("ms", "2.1.3"),
    component("vitest", "5.1.1"),
  ],
  dependencies: [
    { ref: "berthage@1.2.3", dependsOn: ["express@5.3.0", "vitest@5.1.1"] },
    { ref: "express@5.3.0", dependsOn: ["ms@2.1.3", "unused@1.0.0"] },
    { ref: "ms@2.1.3", dependsOn: [] },
    { ref: "ms@2.1.3", dependsOn: [] },
  ],
};

const contents: Contents = {
  source: { version: "1.2.3", commit: "c0ffee", createdSeconds: 1_700_000_000 },
  digest: "sha256:abc",
  architecture: "amd64",
  node: { version: "24.21.0", sha256: "def" },
  debian: { release: "12", packages: [{ name: "libstdc++6", version: "12.2.0-14+deb12u1" }] },
  bundled: [
    { name: "express", version: "5.3.0" },
    { name: "ms", version: "2.1.3" },
  ],
};

describe("the bill of materials", () => {
  const document = sbom(npm, contents);

  it("is a CycloneDX document of the image", () => {
    const purl = "pkg:oci/berthage@sha256%3Aabc?arch=amd64&tag=1.2.3";
    expect(document).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.5",
      metadata: { component: { type: "container", name: "berthage", version: "1.2.3", purl } },
    });
  });

  it("lists the program, the bundled packages once each, Node and Debian's packages, and nothing that stayed out", () => {
    expect(document["components"]).toMatchObject([
      { "bom-ref": "berthage@1.2.3", properties: [{ name: "berthage:commit", value: "c0ffee" }] },
      component("express", "5.3.0"),
      component("ms", "2.1.3"),
      {
        cpe: "cpe:2.3:a:nodejs:node.js:24.21.0:*:*:*:*:*:*:*",
        hashes: [{ alg: "SHA-256", content: "def" }],
      },
      { purl: "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12" },
    ]);
  });

  it("says what depends on what, of the listed only", () => {
    const references = JSON.stringify(document["dependencies"]);
    expect(document["dependencies"]).toContainEqual({ ref: "express@5.3.0", dependsOn: ["ms@2.1.3"] });
    expect(document["dependencies"]).toContainEqual({ ref: "berthage@1.2.3", dependsOn: ["express@5.3.0"] });
    expect(references).not.toContain("unused");
    expect(references.match(/"ref":"ms@2.1.3"/g)).toHaveLength(1);
  });

  it("is the same for the same image, whenever and wherever it is written", () => {
    const later = {
      ...npm,
      serialNumber: "urn:uuid:other",
      metadata: { timestamp: "later", component: { name: "x" } },
    };
    expect(sbom(later, contents)).toEqual(document);
    expect(JSON.stringify(document)).not.toContain("some-folder");
  });
});

it("is refused when npm does not know what was bundled", () => {
  const bundled = [...contents.bundled, { name: "yaml", version: "2.9.1" }];
  expect(() => sbom(npm, { ...contents, bundled })).toThrow("does not know yaml@2.9.1: node_modules is not of this");
  expect(() => sbom({ error: "none" }, contents)).toThrow("wrote no CycloneDX document");
});
