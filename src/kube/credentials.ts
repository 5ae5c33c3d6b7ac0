import type { Clock } from "./clock.ts";
import type { Credentials, TlsMaterial } from "./config.ts";

/**
 * Keeps credentials for `maxAgeSeconds`, reading them again after that or when told (tokens and certificates rotate).
 * When a later read fails the last good credentials stay in use: an unreadable file proves nothing about the token.
 */
export class CredentialCache {
  readonly #read: () => Promise<Credentials>;
  readonly #maxAgeMilliseconds: number;
  readonly #clock: Clock;
  #current: Credentials | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<Credentials> | undefined;

  constructor(read: () => Promise<Credentials>, maxAgeSeconds: number, clock: Clock) {
    this.#read = read;
    this.#maxAgeMilliseconds = maxAgeSeconds * 1000;
    this.#clock = clock;
  }

  /** @throws when the very first read fails */
  get(): Promise<Credentials> {
    const fresh = this.#clock.monotonic() - this.#readAt < this.#maxAgeMilliseconds;
    if (this.#current !== undefined && fresh) return Promise.resolve(this.#current);
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  refresh(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  async #load(): Promise<Credentials> {
    this.#readAt = this.#clock.monotonic();
    try {
      const next = await this.#read();
      const previous = this.#current?.tls;
      this.#current = previous !== undefined && sameTls(previous, next.tls) ? { ...next, tls: previous } : next;
    } catch (error) {
      if (this.#current === undefined) throw error;
    }
    return this.#current;
  }
}

function sameTls(a: TlsMaterial, b: TlsMaterial): boolean {
  return (
    a.ca === b.ca &&
    a.cert === b.cert &&
    a.key === b.key &&
    a.servername === b.servername &&
    a.rejectUnauthorized === b.rejectUnauthorized
  );
}
