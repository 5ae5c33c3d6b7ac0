import { readFile } from "node:fs/promises";
import type { GatewayLogger } from "./logger.ts";
import type { Certificate, Serving } from "./serve.ts";

export interface CertificateFiles {
  /** Paths of PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** @throws an error that names the file */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
  return { cert, key };
}

export interface Renewal {
  readonly files: CertificateFiles;
  readonly serving: Pick<Serving, "renewCertificate">;
  readonly logger: GatewayLogger;
  /** Waits for the next look; false when there is none. */
  pause(): Promise<boolean>;
}

/**
 * Takes a renewed certificate into service. The files are read again rather than watched: a Secret's volume swaps folders by
 * links, of which file notifications tell unreliably. A pair that cannot be used changes nothing, and is told once.
 */
export async function renewCertificates(
  current: Certificate,
  { files, serving, logger, pause }: Renewal,
): Promise<void> {
  let known = current;
  let told: string | undefined;
  while (await pause()) {
    try {
      const found = await readCertificate(files);
      if (found.cert === known.cert && found.key === known.key) continue;
      serving.renewCertificate(found);
      known = found;
      told = undefined;
      logger.info("the gateway serves a renewed certificate", { file: files.certFile });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== told)
        logger.error("the gateway's certificate cannot be renewed", { file: files.certFile, problem });
      told = problem;
    }
  }
}
