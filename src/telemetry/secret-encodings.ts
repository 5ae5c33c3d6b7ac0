const HEX = /^(?:0x)?((?:[0-9a-fA-F]{2}){8,})$/;

/**
 * The texts in which a secret may show up: as it is, trimmed, hex, base64 and base64url at every alignment, JSON and
 * URL escaped. A secret that is itself hex (a private key file) is taken as its bytes too. Letter case is the matcher's
 * matter.
 */
export function encodingsOf(secret: string | Uint8Array): ReadonlySet<string> {
  if (typeof secret !== "string") return new Set(encodingsOfBytes(Buffer.from(secret)));
  const trimmed = secret.trim();
  const hex = HEX.exec(trimmed)?.[1];
  return new Set([
    trimmed,
    JSON.stringify(trimmed).slice(1, -1),
    encodeURIComponent(trimmed.toWellFormed()),
    ...encodingsOfBytes(Buffer.from(trimmed, "utf8")),
    ...(hex === undefined ? [] : [hex, ...encodingsOfBytes(Buffer.from(hex, "hex"))]),
  ]);
}

function encodingsOfBytes(bytes: Buffer): readonly string[] {
  return [bytes.toString("hex"), ...[0, 1, 2].flatMap((before) => base64Within(bytes, before))];
}

/**
 * The base64 digits that depend on nothing but `bytes` when `before` (0…2, modulo 3) other bytes precede them, so that
 * they are found inside a longer text such as a Basic authorization.
 */
function base64Within(bytes: Buffer, before: number): readonly string[] {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString("base64")
    .replaceAll("=", "");
  const tail = (before + bytes.length) % 3 === 0 ? 0 : 1;
  const own = text.slice([0, 2, 3][before] ?? 0, text.length - tail);
  return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
}
