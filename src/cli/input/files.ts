import { open, readFile } from "node:fs/promises";
import { Failure } from "../failure.ts";

/** Reads a file that a flag or argument names; `which` says what it is for. */
export async function readNamedFile(path: string, which: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Failure(`the ${which} ${path} cannot be read: ${codeOf(error)}`, "check the path and its permissions", {
      cause: error,
    });
  }
}

/** Writes a file that must not exist yet. `mode` 0o600 is for secrets. */
export async function writeNewFile(path: string, contents: string | Uint8Array, mode = 0o644): Promise<void> {
  try {
    await using file = await open(path, "wx", mode);
    await file.writeFile(contents);
    await file.sync();
  } catch (error) {
    const next =
      codeOf(error) === "EEXIST"
        ? "choose another name, or move it away yourself"
        : "check the path and its permissions";
    throw new Failure(`${path} cannot be written: ${codeOf(error)}`, next, { cause: error });
  }
}

/** The system's code (ENOENT, EACCES, …) of a failed file operation. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message : String(error);
}
