import { fileURLToPath } from "node:url";

/** The repository's folder, without a slash at its end. */
export const repository = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Unstripped as it came from npm: its hash can be compared, and profiles stay readable. */
export const pinnedNode = `${repository}/node_modules/node/bin/node`;

/** Where the programs lie in the image. The Dockerfile says the same, which a test compares. */
export const inImage = {
  node: "/usr/bin/node",
  operator: "/app/operator.js",
  cli: "/app/berthage.js",
  certificates: "/etc/ssl/certs/ca-certificates.crt",
} as const;

/** Owns no file of the image. */
export const userId = 65532;
