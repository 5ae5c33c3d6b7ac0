import { envelopeOverheadBytes } from "../../sealing/envelope.ts";
import { parseManifest } from "../../workload/manifest/parse.ts";
import { summarizeProblems } from "../../workload/manifest/problem.ts";
import { Failure } from "../failure.ts";
import { readNamedFile } from "../input/files.ts";

const SEALED_MAGIC = "BSM1";

/** A manifest file: plain text that was found valid, or already sealed. */
export type ManifestFile =
  | { readonly kind: "plain"; readonly text: string }
  | { readonly kind: "sealed"; readonly envelope: Uint8Array };

/** Reads a manifest file. @throws Failure with the first problems of a plain one */
export async function readManifestFile(path: string): Promise<ManifestFile> {
  const bytes = await readNamedFile(path, "manifest");
  if (bytes.length >= envelopeOverheadBytes && bytes.subarray(0, SEALED_MAGIC.length).toString() === SEALED_MAGIC) {
    return { kind: "sealed", envelope: new Uint8Array(bytes) };
  }
  const text = bytes.toString("utf8");
  const parsed = parseManifest(text);
  if (parsed.ok) return { kind: "plain", text };
  throw new Failure(
    `the manifest ${path} is not valid: ${summarizeProblems(parsed.problems)}`,
    "mend it; docs/manifest.md says what may stand where",
  );
}
