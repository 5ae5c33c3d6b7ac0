import { isBuiltin } from "node:module";
import { relative } from "node:path";
import { build } from "esbuild";
import { repository } from "./places.ts";

export interface Bundle {
  /** Programs, the chunks that they share or load late, and source maps; paths below the folder of the app. */
  readonly files: readonly { readonly path: string; readonly contents: Uint8Array }[];
  /** Folders of the npm packages that went in, relative to the repository; sorted. */
  readonly packages: readonly string[];
  /** What the programs ask for at run time, besides Node's own modules; sorted. */
  readonly externals: readonly string[];
}

/** CommonJS packages ask for Node's own modules by `require`, which an ES module lacks. */
const banner =
  'import { createRequire as berthageRequire } from "node:module"; const require = berthageRequire(import.meta.url);';

/**
 * Bundles the operator and the CLI as ES modules for the pinned Node. What the sources import dynamically stays a chunk of its own
 * that is loaded when asked for. Names are kept: logs and metrics show names of classes. The same sources give the same bytes,
 * wherever the repository lies.
 */
export async function bundle(commit: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: repository,
    entryPoints: { operator: "src/main.ts", berthage: "src/cli/main.ts" },
    outdir: "app",
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    lineLimit: 160, // Node prints the line that threw
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    define: { BERTHAGE_COMMIT: JSON.stringify(commit) },
    banner: { js: banner },
    metafile: true,
    logLevel: "error",
  });
  const files = outputFiles.map(({ path, contents }) => ({ path: relative(`${repository}/app`, path), contents }));
  const outputs = Object.values(metafile.outputs);
  const external = outputs.flatMap(({ imports }) => imports.filter((one) => one.external && !isBuiltin(one.path)));
  return {
    files: files.toSorted((a, b) => compare(a.path, b.path)),
    packages: packageFolders(outputs.flatMap(({ inputs }) => Object.keys(inputs))),
    externals: [...new Set(external.map(({ path }) => path))].toSorted(compare),
  };
}

/** The folders of the innermost packages that the files belong to, each once and sorted. */
export function packageFolders(files: readonly string[]): readonly string[] {
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].toSorted(compare);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
