import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { imageConfig } from "./config.ts";
import { debianRelease } from "./debian.ts";
import { repository } from "./places.ts";
import { platformOf } from "./platform.ts";

const text = await readFile(join(repository, "Dockerfile"), "utf8");
const source = { version: "1.2.3", commit: "c0ffee", createdSeconds: 0 };
const { config } = imageConfig(source, platformOf("linux", "x64"));

/** The instructions after the last FROM, one a line, with the build's arguments filled in. */
const final = (text.split(/^FROM scratch$/m)[1] ?? "")
  .replaceAll("\\\n", " ")
  .replaceAll("$VERSION", source.version)
  .replaceAll("$COMMIT", source.commit)
  .split("\n");

function said(instruction: string): string {
  const found = final.filter((line) => line.startsWith(`${instruction} `));
  expect(found).toHaveLength(1);
  return found[0]?.slice(instruction.length).trim() ?? "";
}

/** `KEY=VALUE KEY="VALUE WITH SPACES"` */
function pairs(line: string): Readonly<Record<string, string>> {
  const matches = line.matchAll(/([^\s=]+)=(?:"([^"]*)"|(\S+))/g);
  return Object.fromEntries([...matches].map(([, key, quoted, plain]) => [key, quoted ?? plain ?? ""]));
}

describe("the Dockerfile's image starts as the one of `make image`", () => {
  it("as the same user, in the same folder, with the same ports", () => {
    expect(said("USER")).toBe(config.User);
    expect(said("WORKDIR")).toBe(config.WorkingDir);
    expect(said("EXPOSE").split(" ").toSorted()).toEqual(Object.keys(config.ExposedPorts).toSorted());
  });

  it("with the same entry point and no command", () => {
    expect(JSON.parse(said("ENTRYPOINT"))).toEqual(config.Entrypoint);
    expect(final.filter((line) => line.startsWith("CMD"))).toEqual([]);
  });

  it("with the same environment", () => {
    expect(pairs(said("ENV"))).toEqual(Object.fromEntries(config.Env.map((one) => one.split("="))));
  });

  it("with the same labels, but for the time", () => {
    const { "org.opencontainers.image.created": created, ...labels } = config.Labels;
    expect(created).toBe("1970-01-01T00:00:00Z");
    expect(pairs(said("LABEL"))).toEqual(labels);
  });
});

describe("the Dockerfile builds", () => {
  it("with the pinned Node, on the release that the Debian packages are of", async () => {
    const manifest: unknown = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
    const codenames = new Map([["12", "bookworm"]]);
    const [, node, codename] = /^FROM node:(\S+)-(\w+) AS build$/m.exec(text) ?? [];
    expect(manifest).toMatchObject({ devDependencies: { node } });
    expect(codename).toBe(codenames.get(debianRelease));
  });

  it("with all files that the build reads, which .dockerignore lets in", async () => {
    const ignore = (await readFile(join(repository, ".dockerignore"), "utf8")).split("\n");
    expect(ignore).toContain("*");
    const kept = ignore.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    const copied = /^COPY (.+) \.\/$/m.exec(text)?.[1]?.split(" ") ?? [];
    const entryPoints = ["tools/image/rootfs.ts", "src/main.ts", "src/cli/main.ts"];
    const { metafile } = await build({
      absWorkingDir: repository,
      entryPoints,
      outdir: "nowhere",
      write: false,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      metafile: true,
    });
    const read = [...copied, ...Object.keys(metafile.inputs), "LICENSE"];
    const isKept = (file: string): boolean => kept.some((one) => file === one || file.startsWith(`${one}/`));
    expect(read.length).toBeGreaterThan(100);
    expect(read.filter((file) => !isKept(file))).toEqual([]);
  });
});
