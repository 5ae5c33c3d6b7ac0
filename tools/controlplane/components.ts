import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { binaryName, type ComponentName, readRecipe } from "./recipe.ts";

/**
 * The folder with the programs of the control plane: `KUBEBUILDER_ASSETS` (envtest's convention) when that is set, else the cache that
 * `npm run controlplane` fills. Throws, with what to do, when one of `names` is not there.
 */
export async function findComponents(
  names: readonly ComponentName[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const assets = environment["KUBEBUILDER_ASSETS"];
  const dir = assets || (await readRecipe(environment)).outputDir;
  const found = await Promise.all(names.map(async (name) => ({ name, there: await isExecutable(join(dir, name)) })));
  const missing = found.filter(({ there }) => !there).map(({ name }) => name);
  if (missing.length > 0) throw new Error(assets ? assetsLack(missing, assets) : notBuilt(dir));
  return dir;
}

/** Whether this user may execute the file; false when there is none. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function assetsLack(missing: readonly string[], assets: string): string {
  return `KUBEBUILDER_ASSETS=${assets} lacks ${missing.join(", ")}: put them there, or unset it to use the control plane that \`npm run controlplane\` builds`;
}

function notBuilt(dir: string): string {
  return `the control plane is not built yet (${join(dir, binaryName)} is missing): run \`npm run controlplane\` once (about 6 minutes)`;
}
