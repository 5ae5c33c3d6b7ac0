import { getAddress } from "ethers";
import { UsageFailure } from "../failure.ts";

const LARGEST_LEASE_ID = 2n ** 48n - 1n;
const LARGEST_OFFER_ID = 2n ** 32n - 1n;
const LARGEST_UNITS = 2n ** 16n - 1n;

/** An address, with checksum (EIP-55). A wrong checksum is refused: it is a typing mistake. */
export function parseAddress(text: string, flag: string): string {
  try {
    return getAddress(text.trim());
  } catch {
    throw new UsageFailure(
      `${flag}: "${text}" is not an address`,
      "write 0x and 40 hex digits, in the spelling that you were given or all in lower case",
    );
  }
}

export function parseLeaseId(text: string): string {
  return parseId(text, "LEASE", LARGEST_LEASE_ID, "`berthage leases` lists yours");
}

export function parseOfferId(text: string): string {
  return parseId(text, "OFFER", LARGEST_OFFER_ID, "`berthage offers` lists what is for sale");
}

export function parseProviderId(text: string): string {
  return parseId(text, "--provider", LARGEST_OFFER_ID, "`berthage offers` shows who sells");
}

export function parseUnits(text: string): number {
  return Number(parseId(text, "--units", LARGEST_UNITS, "an offer's free units are in `berthage offers`"));
}

function parseId(text: string, what: string, largest: bigint, hint: string): string {
  if (!/^[1-9]\d{0,19}$/.test(text) || BigInt(text) > largest) {
    throw new UsageFailure(`${what}: "${text}" is not a whole number from 1 to ${largest}`, hint);
  }
  return text;
}

/** Hours, with decimals if need be, as whole seconds, rounded up. */
export function parseHours(text: string): bigint {
  const [, whole, fraction = ""] = /^(\d{1,7})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  const scaled = whole === undefined ? 0n : BigInt(whole + fraction) * 3600n;
  const scale = 10n ** BigInt(fraction.length);
  const seconds = (scaled + scale - 1n) / scale;
  if (seconds === 0n) throw new UsageFailure(`--hours: "${text}" is not a time`, "write hours, like 2 or 0.5");
  return seconds;
}

/** An http or https address without a trailing slash. */
export function parseUrl(text: string, flag: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new UsageFailure(`${flag} is not an http or https address`, `write it like ${flag} https://host:port`);
  }
  return url;
}
