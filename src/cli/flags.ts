import { UsageFailure } from "./failure.ts";

/** The flags of one call, read by the names that commander gives them (`--key-file` is `keyFile`). */
export class Flags {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** The flag's text; undefined when neither it nor its environment variable is given, or is empty. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** @throws UsageFailure when it is not given */
  required(name: string): string {
    const value = this.text(name);
    if (value !== undefined) return value;
    const variable = environmentVariables.get(name);
    const or = variable === undefined ? "" : `, or set ${variable}`;
    throw new UsageFailure(`${flagOf(name)} is missing`, `give ${flagOf(name)}${or}`);
  }

  isSet(name: string): boolean {
    return this.#values[name] === true;
  }
}

/** Flags that the environment can give, so that neither keys nor addresses are typed again and again. */
export const environmentVariables: ReadonlyMap<string, string> = new Map([
  ["rpc", "BERTHAGE_RPC"],
  ["market", "BERTHAGE_MARKET"],
  ["keyFile", "BERTHAGE_KEY_FILE"],
  ["passwordFile", "BERTHAGE_PASSWORD_FILE"],
  ["gateway", "BERTHAGE_GATEWAY"],
  ["network", "BERTHAGE_NETWORK"],
]);

/** `keyFile` → `--key-file`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
