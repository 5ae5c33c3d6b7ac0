import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../src", import.meta.url));

/** Which other folders of src/ a folder may import (design §12). `type` alone: nothing of it may run. */
const arrows: Readonly<Record<string, Readonly<Record<string, "code" | "type">>>> = {
  // The generated resources carry the metadata of any object, which the Kubernetes runtime defines.
  api: { kube: "type" },
  kube: {},
  chain: {},
  sealing: {},
  inventory: { api: "code" },
  workload: { api: "code", inventory: "code" },
  networks: { chain: "code" },
  telemetry: { api: "code", chain: "type", kube: "type" },
  config: { telemetry: "type" },
  gateway: { api: "code", kube: "code" },
  controllers: {
    api: "code",
    inventory: "code",
    workload: "code",
    sealing: "code",
    kube: "code",
    chain: "code",
    networks: "code",
    gateway: "type",
    telemetry: "type",
  },
};

/** Only these wire parts together, and know the version; nothing else imports them. */
const wiring: readonly string[] = ["main.ts", "cli", "version.ts"];

/** Packages by the folders that may use them; a scope or a folder of a package counts as its package. */
const pure = ["ethers", "kubernetes-models", "node:crypto"];
const packages: Readonly<Record<string, readonly string[]>> = {
  api: [],
  inventory: ["kubernetes-models"],
  workload: ["kubernetes-models", "yaml", "node:crypto"],
  sealing: ["@hpke/core", "ethers", "node:crypto"],
  controllers: ["ethers", "kubernetes-models"],
  networks: ["ethers"],
  chain: ["ethers", "undici", "node:util"],
  kube: [
    "@kubernetes/client-node",
    "kubernetes-models",
    "undici",
    "node:crypto",
    "node:fs/promises",
    "node:https",
    "node:path",
  ],
  telemetry: ["prom-client", "winston", "node:os", "node:v8"],
  config: ["node:crypto", "node:fs", "node:net", "node:os", "node:util"],
  gateway: ["express", "express-rate-limit", ...pure, "node:fs/promises", "node:http", "node:https", "node:net"],
};

/** Narrow doors: in these folders, code (not types) of another comes only from the files named. */
const doors: readonly { readonly from: string; readonly to: string; readonly files: readonly RegExp[] }[] = [
  {
    from: "controllers",
    to: "chain",
    files: [/^chain\/signers\//, /^chain\/journal\.ts$/],
  },
  {
    from: "controllers",
    to: "networks",
    files: [/^networks\/drivers\.ts$/, /^networks\/connection-failure\.ts$/],
  },
];

const MAX_LINES = 400;

interface Import {
  /** Importing file, below src/. */
  readonly file: string;
  /** Imported file below src/, or the package's name. */
  readonly target: string;
  readonly isPackage: boolean;
  readonly isType: boolean;
}

const sources: ReadonlyMap<string, string> = new Map(
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => [file, readFileSync(join(root, file), "utf8")]),
);

const statement = /^(?:import|export)\s+(type\s)?([^;"]*?from\s*)?"([^"]+)"|\bimport\("([^"]+)"\)/gm;

function importsOf(file: string, text: string): readonly Import[] {
  return [...text.matchAll(statement)].map((match) => {
    const [, typeWord, names = "", fixed, dynamic] = match;
    const specifier = fixed ?? dynamic ?? "";
    const isType = typeWord !== undefined || onlyTypes(names);
    if (!specifier.startsWith(".")) return { file, target: packageOf(specifier), isPackage: true, isType };
    return { file, target: relative(root, join(root, dirname(file), specifier)), isPackage: false, isType };
  });
}

/** `{ type A, type B } from` brings nothing that runs. */
function onlyTypes(names: string): boolean {
  const inside = /^\{([^}]*)\}/.exec(names.trim())?.[1]?.trim().replace(/,$/, "");
  return inside !== undefined && inside !== "" && inside.split(",").every((name) => name.trim().startsWith("type "));
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function folderOf(file: string): string {
  return file.split("/")[0] ?? "";
}

const imports = [...sources].flatMap(([file, text]) => importsOf(file, text));
const inner = imports.filter(({ isPackage }) => !isPackage);

/** One readable line a violation; a test expects none. */
function violations(all: readonly Import[], rule: (one: Import) => string | undefined): readonly string[] {
  return all.flatMap((one) => {
    const broken = rule(one);
    return broken === undefined ? [] : [`src/${one.file} → ${one.target}: ${broken}`];
  });
}

describe("the import arrows", () => {
  test("every folder has its rules, and every rule its folder", () => {
    const folders = new Set([...sources.keys()].map(folderOf).filter((folder) => !wiring.includes(folder)));
    expect([...folders].sort()).toEqual(Object.keys(arrows).sort());
    expect(Object.keys(packages).sort()).toEqual(Object.keys(arrows).sort());
  });

  test("point inward only", () => {
    const broken = violations(inner, ({ file, target, isType }) => {
      const [from, to] = [folderOf(file), folderOf(target)];
      if (from === to || wiring.includes(from)) return undefined;
      const kind = arrows[from]?.[to];
      if (kind === undefined) return `${from} may not import ${to}`;
      return kind === "type" && !isType ? `${from} may import only types of ${to}` : undefined;
    });
    expect(broken).toEqual([]);
  });

  test("go through the doors between rooms", () => {
    const broken = doors.flatMap(({ from, to, files }) =>
      violations(inner, ({ file, target, isType }) => {
        if (folderOf(file) !== from || folderOf(target) !== to || isType) return undefined;
        return files.some((door) => door.test(target)) ? undefined : `${from} may import only types of this file`;
      }),
    );
    expect(broken).toEqual([]);
  });

  test("never lead to what wires", () => {
    const broken = violations(inner, ({ file, target }) =>
      wiring.includes(folderOf(target)) && !wiring.includes(folderOf(file)) ? "nothing imports what wires" : undefined,
    );
    expect(broken).toEqual([]);
    expect(inner.filter(({ target }) => target === "main.ts")).toEqual([]);
  });

  test("lead to files that are there", () => {
    const known = (target: string): boolean => sources.has(target) || target.endsWith(".json");
    expect(violations(inner, ({ target }) => (known(target) ? undefined : "there is no such file"))).toEqual([]);
  });

  test("make no cycle of folders", () => {
    const edges = new Map<string, Set<string>>();
    for (const { file, target } of inner) {
      const [from, to] = [folderOf(file), folderOf(target)];
      if (from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
    expect(cycleIn(edges)).toBeUndefined();
  });
});

describe("the packages", () => {
  test("are those that a folder may use; the pure ones do no I/O", () => {
    const broken = violations(imports, ({ file, target, isPackage }) => {
      const from = folderOf(file);
      if (!isPackage || wiring.includes(from)) return undefined;
      return packages[from]?.includes(target) ? undefined : `${from} may not use this package`;
    });
    expect(broken).toEqual([]);
  });

  test("of the pure folders' lists open no file, socket or process", () => {
    const io = /^node:(?!crypto$)|^(undici|express|express-rate-limit|@kubernetes\/client-node|winston|prom-client)$/;
    for (const folder of ["api", "inventory", "workload", "sealing"]) {
      expect(packages[folder]?.filter((name) => io.test(name))).toEqual([]);
    }
  });

  test("kubernetes-models gives types only, so that its code is never loaded", () => {
    const broken = violations(imports, ({ target, isType }) =>
      target === "kubernetes-models" && !isType ? "import its types only" : undefined,
    );
    expect(broken).toEqual([]);
  });
});

describe("the files", () => {
  const each = (broken: (text: string, file: string) => string | undefined): readonly string[] =>
    [...sources].flatMap(([file, text]) => {
      const rule = broken(text, file);
      return rule === undefined ? [] : [`src/${file}: ${rule}`];
    });

  test("have no default export and are no barrel", () => {
    const broken = each((text, file) => {
      if (/^export default\b/m.test(text)) return "has a default export";
      if (/(^|\/)index\.ts$/.test(file)) return "is a barrel by its name";
      return /^export (\*|\{[^}]*\} from)/m.test(text) ? "hands on what another file exports" : undefined;
    });
    expect(broken).toEqual([]);
  });

  test(`have at most ${MAX_LINES} lines`, () => {
    const written = ([...sources] as const).filter(([file]) => !file.endsWith(".gen.ts"));
    const long = written.map(([file, text]) => ({ file, lines: text.split("\n").length - 1 }));
    expect(long.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
  });
});

describe("these checks see", () => {
  const seen = (text: string): readonly Import[] => importsOf("kube/a.ts", text);

  test("every form of import", () => {
    expect(seen('import { a } from "../chain/b.ts";')).toMatchObject([{ target: "chain/b.ts", isType: false }]);
    expect(seen('import {\n  type A,\n  b,\n} from "./b.ts";')).toMatchObject([{ target: "kube/b.ts", isType: false }]);
    expect(seen('import { type A, type B } from "./b.ts";')).toMatchObject([{ isType: true }]);
    expect(seen('import type { A } from "@scope/name/deep";')).toMatchObject([{ target: "@scope/name", isType: true }]);
    expect(seen('import "node:fs/promises";')).toMatchObject([{ target: "node:fs/promises", isType: false }]);
    expect(seen('export { a } from "yaml/util";')).toMatchObject([{ target: "yaml", isType: false }]);
    expect(seen('const a = await import("undici");')).toMatchObject([{ target: "undici", isType: false }]);
  });

  test("a cycle, and tell its way", () => {
    const edges = new Map([
      ["a", new Set(["b"])],
      ["b", new Set(["c"])],
      ["c", new Set(["b"])],
    ]);
    expect(cycleIn(edges)).toBe("b → c → b");
  });
});

/** A cycle among folders as `a → b → a`, or undefined. */
function cycleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): string | undefined => {
    if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder].join(" → ");
    if (done.has(folder)) return undefined;
    for (const next of edges.get(folder) ?? []) {
      const found = visit(next, [...path, folder]);
      if (found !== undefined) return found;
    }
    done.add(folder);
    return undefined;
  };
  for (const folder of edges.keys()) {
    const found = visit(folder, []);
    if (found !== undefined) return found;
  }
  return undefined;
}
