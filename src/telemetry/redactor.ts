import { encodingsOf } from "./secret-encodings.ts";

/** What stands in place of a secret. */
export const REDACTED = "[redacted]";

/** Secrets shorter than this are masked by field name only: masking "a" would shred every line. */
const SHORTEST_SECRET = 6;

/** Forms in which credentials travel in free text, whoever wrote it. The first group, where there is one, is kept. */
const PATTERNS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b((?:[Bb]earer|[Bb]asic)\s+)(?=[a-z._~-]*[A-Z0-9+/=])[A-Za-z0-9._~+/=-]{6,}/g,
  /\b(Berthage\s+)[A-Za-z0-9_-]{40,}/g,
  /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g,
  /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@]*@/gi,
  /([?&][A-Za-z0-9_-]{0,30}(?:api[-_]?key|token|secret|password|signature|key)=)[^&\s"'#]+/gi,
  /((?:private[-_ ]?key|pass(?:word|phrase|wd)|mnemonic|api[-_]?key)["']?\s*[:=]\s*["']?)[^\s"',;}&]+/gi,
  /(secret(?:=|["']\s*:\s*)["']?)[^\s"',;}&]+/gi,
];

/**
 * Masks secrets in text. Whoever reads a secret registers it with `protect`; from then on it is masked wherever it
 * appears: as it is, in hex, in base64 (also inside a longer base64 text), escaped for JSON or for a URL.
 */
export class Redactor {
  readonly #needles = new Set<string>();
  #pattern: RegExp | undefined;

  /** Registers a secret and returns it, so that a read can be wrapped: `redactor.protect(await readFile(…))`. */
  protect<T extends string | Uint8Array>(secret: T): T {
    for (const needle of encodingsOf(secret)) {
      if (needle.length >= SHORTEST_SECRET) this.#needles.add(needle);
    }
    this.#pattern = undefined;
    return secret;
  }

  /** The text without registered secrets, bearer tokens, credentials in URLs and the like. */
  text(text: string): string {
    const known = this.#needles.size === 0 ? text : text.replaceAll(this.#compiled(), REDACTED);
    return PATTERNS.reduce((rest, pattern) => rest.replaceAll(pattern, keepFirstGroup), known);
  }

  /** Longest first: else the part of a secret that is itself a secret would leave the rest standing. */
  #compiled(): RegExp {
    this.#pattern ??= new RegExp(
      [...this.#needles]
        .sort((a, b) => b.length - a.length)
        .map((needle) => needle.replaceAll(/[.*+?^${}()|[\]\\/-]/g, "\\$&"))
        .join("|"),
      "gi",
    );
    return this.#pattern;
  }
}

function keepFirstGroup(_match: string, first: unknown): string {
  if (typeof first !== "string") return REDACTED;
  return first.endsWith("://") ? `${first}${REDACTED}@` : `${first}${REDACTED}`;
}
