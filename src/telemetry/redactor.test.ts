import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REDACTED, Redactor } from "./redactor.ts";

const key = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
const secretText = fc.string({ unit: "grapheme", minLength: 8, maxLength: 60 }).filter((s) => s.trim().length >= 8);

describe("registered secrets", () => {
  it("hides a private key in every spelling that a log could meet", () => {
    const redactor = new Redactor();
    redactor.protect(`${key}\n`);
    const bytes = Buffer.from(key.slice(2), "hex");
    for (const spelling of [
      key,
      key.slice(2),
      key.toUpperCase(),
      bytes.toString("base64"),
      bytes.toString("base64url"),
      Buffer.from(key).toString("base64"),
      Buffer.from(key).toString("hex"),
    ]) {
      const line = redactor.text(`before ${spelling} after`);
      expect(line).toContain(REDACTED);
      expect(line).not.toContain(spelling);
      expect(line.startsWith("before ") && line.endsWith(" after")).toBe(true);
    }
  });

  it("leaves another 32-byte value alone, since block hashes look the same", () => {
    const redactor = new Redactor();
    redactor.protect(key);
    const hash = `0x${"ab".repeat(32)}`;
    expect(redactor.text(`block ${hash}`)).toBe(`block ${hash}`);
  });

  it("never lets a registered secret through, wherever it stands", () => {
    fc.assert(
      fc.property(secretText, fc.string(), fc.string(), (secret, before, after) => {
        const redactor = new Redactor();
        redactor.protect(secret);
        expect(redactor.text(`${before}${secret.trim()}${after}`)).not.toContain(secret.trim());
      }),
    );
  });

  it("never lets the bytes of a secret through in hex or base64, at any alignment in a longer base64 text", () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 64 });
    fc.assert(
      fc.property(bytes, fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 9 }), (secret, before, after) => {
        const redactor = new Redactor();
        redactor.protect(secret);
        const hex = Buffer.from(secret).toString("hex");
        expect(redactor.text(`x${hex}x`)).not.toContain(hex);
        const whole = Buffer.concat([before, secret, after]);
        for (const encoding of ["base64", "base64url"] as const) {
          const masked = redactor.text(whole.toString(encoding));
          expect(masked).toContain(REDACTED);
          expect(masked).not.toContain(
            Buffer.from(secret.subarray(3, secret.length - 3))
              .toString(encoding)
              .slice(4, -4),
          );
        }
      }),
    );
  });

  it("masks the longer of two secrets of which one contains the other", () => {
    const redactor = new Redactor();
    redactor.protect("correct-horse");
    redactor.protect("correct-horse-battery");
    expect(redactor.text("it is correct-horse-battery!")).toBe(`it is ${REDACTED}!`);
  });

  it("does not shred text for a secret that is too short to be told apart", () => {
    const redactor = new Redactor();
    redactor.protect("a");
    expect(redactor.text("a banana")).toBe("a banana");
  });
});

describe("credentials in free text", () => {
  const redactor = new Redactor();
  it.each([
    ["Authorization: Bearer abc.dEf-ghi_jkl", "Authorization: Bearer [redacted]"],
    [`Authorization: Berthage ${"eyJj".repeat(20)}`, "Authorization: Berthage [redacted]"],
    ['{"secret":"abc"} client_secret=abc', '{"secret":"[redacted]"} client_secret=[redacted]'],
    ["authorization: basic dXNlcjpwYXNz", "authorization: basic [redacted]"],
    ["https://user:pa55@rpc.example/v1", "https://[redacted]@rpc.example/v1"],
    ["wss://token@rpc.example", "wss://[redacted]@rpc.example"],
    ["https://rpc.example/?apikey=s3cr3t&x=1", "https://rpc.example/?apikey=[redacted]&x=1"],
    ['{"password":"hunter22"}', '{"password":"[redacted]"}'],
    ["privateKey=0x1234 next", "privateKey=[redacted] next"],
    ["jwt eyJhbGciOi.eyJzdWIi.c2ln end", "jwt [redacted] end"],
    ["-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----", "[redacted]"],
    ["-----BEGIN PRIVATE KEY-----\ncut off", "[redacted]"],
  ])("masks %s", (text, masked) => expect(redactor.text(text)).toBe(masked));

  it.each([
    "tx 0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b mined",
    "lease 7 on https://gateway.example/v1/networks/market",
    "mail admin@example.org",
    "Berthage 0.1.0-rc.1 serves, with basic settings and bearer tokens",
    "cannot read Secret: no answer from the API server",
    "reconciled key berthage-system/lane",
  ])("leaves alone %s", (text) => expect(redactor.text(text)).toBe(text));
});
