import type { ComputeLease } from "./types.gen.ts";

/**
 * The manifest that a lease names and the one that it runs, which are the same but for a while after a change, and those that
 * ran before and that a reorganisation may bring back.
 */
export function manifestHashesOf({ spec, status }: ComputeLease): readonly string[] {
  const hashes = [spec.manifestHash, status?.manifest?.hash, ...(status?.replacedManifests ?? [])];
  return [...new Set(hashes.filter((hash) => hash !== undefined))];
}
