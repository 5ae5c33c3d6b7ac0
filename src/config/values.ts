import { isIP } from "node:net";
import { quoted } from "./quoted.ts";

/** A value, or the rule that the text breaks, as the end of the sentence "… must be". */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly rule: string };
export type Parse<T> = (text: string) => Parsed<T>;

/** Where a server listens. Without a host: on every address, IPv4 and IPv6. Port 0 takes a free one. */
export interface Listen {
  readonly host: string | undefined;
  readonly port: number;
}

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = (rule: string): Parsed<never> => ({ ok: false, rule });

export const text: Parse<string> = (given) => (given.trim() === "" ? bad("not be empty") : good(given));

export const flag: Parse<boolean> = (given) =>
  given === "true" || given === "false" ? good(given === "true") : bad("be true or false");

export function oneOf<const T extends string>(...choices: readonly T[]): Parse<T> {
  return (given) => {
    const found = choices.find((choice) => choice === given);
    return found === undefined ? bad(`be one of ${choices.join(", ")}`) : good(found);
  };
}

export function integer(least: number, most: number): Parse<number> {
  return (given) => {
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    return value >= least && value <= most ? good(value) : bad(`be a whole number from ${least} to ${most}`);
  };
}

/** A DNS-1123 label, as names of namespaces are. */
export const dnsLabel: Parse<string> = (given) =>
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(given)
    ? good(given)
    : bad("be a DNS label: at most 63 of a-z, 0-9 and -, not - at either end");

/** A DNS-1123 subdomain, as names of most objects are. */
export const dnsSubdomain: Parse<string> = (given) =>
  given.length <= 253 && given.split(".").every((label) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(label))
    ? good(given)
    : bad("be a DNS name: at most 253 of a-z, 0-9, - and ., each part beginning and ending with a letter or digit");

/** `host:port`, `[ipv6]:port` or `:port`. */
export const listen: Parse<Listen> = (given) => {
  const [, bracketed, plain, digits = ""] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(given) ?? [];
  const port = digits === "" ? Number.NaN : Number(digits);
  const isHost =
    bracketed === undefined ? plain === "" || plain === "localhost" || isIP(plain ?? "") === 4 : isIP(bracketed) === 6;
  return isHost && port <= 65_535
    ? good({ host: bracketed ?? (plain === "" ? undefined : plain), port })
    : bad("be ADDRESS:PORT, as in 127.0.0.1:9090, [::1]:9090 or :9090 for every address");
};

const LONGEST_NAME_CHARACTERS = 253;

/** A name of one line, as objects of the API server and lines of a log can hold it. */
export const name: Parse<string> = (given) =>
  given.length <= LONGEST_NAME_CHARACTERS && /^[!-~]([ -~]*[!-~])?$/.test(given)
    ? good(given)
    : bad(`be at most ${LONGEST_NAME_CHARACTERS} printable ASCII characters, without spaces around them`);

/** CIDRs separated by commas; the empty text is the empty list. */
export const cidrs: Parse<readonly string[]> = (given) => {
  const list = given
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const wrong = list.find((part) => !isCidr(part));
  return wrong === undefined
    ? good(list)
    : bad(`be CIDRs separated by commas, as in 10.244.0.0/16,fd00::/48; ${quoted(wrong)} is none`);
};

/** CIDRs that a NetworkPolicy can except from all addresses: the API server refuses the whole, and IPv4 written as IPv6. */
export const exceptableCidrs: Parse<readonly string[]> = (given) => {
  const parsed = cidrs(given);
  const wrong = parsed.ok ? parsed.value.find((cidr) => /\/0+$/.test(cidr) || isIPv4Mapped(cidr)) : undefined;
  return wrong === undefined
    ? parsed
    : bad(`hold networks smaller than all addresses, IPv4 ones written as IPv4; ${quoted(wrong)} is none`);
};

/** By the URL standard's one spelling of an address. */
function isIPv4Mapped(cidr: string): boolean {
  const address = cidr.split("/")[0] ?? "";
  return isIP(address) === 6 && new URL(`http://[${address}]`).hostname.startsWith("[::ffff:");
}

function isCidr(given: string): boolean {
  const [, address = "", digits = ""] = /^([^/%]+)\/(\d{1,3})$/.exec(given) ?? [];
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return Number(digits) <= longest;
}
