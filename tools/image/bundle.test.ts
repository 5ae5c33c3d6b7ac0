import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Bundle, bundle, packageFolders } from "./bundle.ts";
import { licensesText, readPackages } from "./licenses.ts";
import { repository } from "./places.ts";

const { files, packages, externals } = await bundle("c0ffee");
const texts = new Map(files.map(({ path, contents }) => [path, Buffer.from(contents).toString()]));
const programs = [...texts].filter(([path]) => path.endsWith(".js"));

function hash(bundled: Pick<Bundle, "files">): string {
  const sha256 = createHash("sha256");
  for (const { path, contents } of bundled.files) sha256.update(`${path} ${contents.length}\n`).update(contents);
  return sha256.digest("hex");
}

describe("the bundle", () => {
  it("holds both programs, and a source map for each file", () => {
    const paths = programs.map(([path]) => path);
    expect(paths).toEqual(expect.arrayContaining(["operator.js", "berthage.js"]));
    expect([...texts.keys()].toSorted()).toEqual(paths.flatMap((path) => [path, `${path}.map`]).toSorted());
    for (const [path, text] of programs) expect(text).toContain(`//# sourceMappingURL=${path}.map`);
  });

  it("asks for no package at run time, save those that their users do without", () => {
    expect(externals).toEqual(["bufferutil", "supports-color", "utf-8-validate"]);
  });

  it("loads the library that reads kubeconfigs late: a pod does without", () => {
    const [late] = programs.filter(([, text]) => text.includes("loadFromClusterAndUser"));
    expect(late?.[0]).toMatch(/-[A-Z0-9]{8}\.js$/);
    for (const [, text] of programs) expect(text).not.toContain(`from"./${late?.[0]}"`);
    expect(programs.filter(([, text]) => text.includes(`import("./${late?.[0]}")`))).not.toEqual([]);
  });

  it("tells the commit, and nothing of the machine that it was made on", () => {
    expect(programs.filter(([, text]) => text.includes('"c0ffee"'))).not.toEqual([]);
    for (const text of texts.values()) expect(text).not.toContain(repository);
  });

  it("is the same when it is made again, but for the commit", async () => {
    expect(hash(await bundle("c0ffee"))).toBe(hash({ files }));
    expect(hash(await bundle("decaf"))).not.toBe(hash({ files }));
  });
});

describe("the licences of what was bundled", () => {
  it("are those of the innermost packages", () => {
    const inputs = [
      "src/main.ts",
      "node_modules/a/b.js",
      "node_modules/@s/c/d.js",
      "node_modules/a/node_modules/e/f.js",
    ];
    expect(packageFolders([...inputs, "node_modules/a/g.js"])).toEqual([
      "node_modules/@s/c",
      "node_modules/a",
      "node_modules/a/node_modules/e",
    ]);
  });

  it("are known for every package, and handed on", async () => {
    const read = await readPackages(packages);
    expect(read.map(({ name }) => name)).toEqual(expect.arrayContaining(["ethers", "express", "yaml"]));
    for (const { license } of read) expect(license).not.toBe("");
    const text = licensesText(read);
    for (const { name, version } of read) expect(text).toContain(`${name} ${version} (`);
    expect(text).toContain("Permission is hereby granted, free of charge");
  });

  it("stand by their names when a package ships no text", () => {
    const bare = { name: "a", version: "1.0.0", license: "ISC", notice: "" };
    expect(licensesText([bare])).toBe("a 1.0.0 (ISC)\n\nLicensed under ISC.\n");
  });
});
