import { describe, expect, it } from "vitest";
import { imageConfig, layerNames, timestamp } from "./config.ts";
import { platformOf } from "./platform.ts";

const source = { version: "1.2.3", commit: "c0ffee", createdSeconds: 1_700_000_000 };

describe("the image's configuration", () => {
  const image = imageConfig(source, platformOf("linux", "arm64"));

  it("is for the platform that it is built on", () => {
    expect(image).toMatchObject({ os: "linux", architecture: "arm64" });
  });

  it("runs the operator as nobody in particular, without a shell in between", () => {
    expect(image.config.User).toBe("65532:65532");
    expect(image.config.Entrypoint[0]).toBe("/usr/bin/node");
    expect(image.config.Entrypoint.at(-1)).toBe("/app/operator.js");
  });

  it("is as old as its sources, in its history too", () => {
    expect(image.created).toBe("2023-11-14T22:13:20Z");
    expect(image.history.map(({ created }) => created)).toEqual(layerNames.map(() => image.created));
  });

  it("says which sources it is of", () => {
    expect(image.config.Labels).toMatchObject({
      "org.opencontainers.image.version": "1.2.3",
      "org.opencontainers.image.revision": "c0ffee",
      "org.opencontainers.image.created": image.created,
    });
    const unknown = imageConfig({ ...source, commit: "" }, platformOf("linux", "x64"));
    expect(Object.keys(unknown.config.Labels)).not.toContain("org.opencontainers.image.revision");
  });
});

it("tells times in whole seconds", () => {
  expect(timestamp({ ...source, createdSeconds: 0 })).toBe("1970-01-01T00:00:00Z");
});

it.each([
  ["linux", "x64", "amd64"],
  ["linux", "arm64", "arm64"],
])("builds on %s/%s an image for %s", (os, arch, architecture) => {
  expect(platformOf(os, arch).architecture).toBe(architecture);
});

it.each([
  ["darwin", "arm64"],
  ["linux", "riscv64"],
])("says on %s/%s where to build instead", (os, arch) => {
  expect(() => platformOf(os, arch)).toThrow(
    `no image can be built on ${os}/${arch}: build it on Linux on x64 or arm64`,
  );
});
