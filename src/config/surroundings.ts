import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

const namespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** What the defaults of the configuration depend on. */
export interface Surroundings {
  /** The pod's namespace; undefined outside of a cluster. */
  readonly podNamespace: string | undefined;
  readonly hostname: string;
  /** Tells two processes on one host apart. */
  readonly randomPart: string;
}

/** Looks at the machine once, at start. */
export function readSurroundings(file: string = namespaceFile): Surroundings {
  return { podNamespace: readNamespace(file), hostname: hostname(), randomPart: randomBytes(4).toString("hex") };
}

function readNamespace(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new Error(`cannot read the pod's namespace from ${file}; give --namespace or mend the mount`, {
      cause: error,
    });
  }
}
