/** What `src/kube` needs of a logger. Fields are structured; values must never hold credentials. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Says nothing: the default of parts that can run without a logger. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** An unknown thrown value as one line of text. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
