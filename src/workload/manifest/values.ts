import type { Cell } from "./cell.ts";
import { type Place, type Reader, refuseType } from "./reader.ts";

export interface TextRule {
  readonly rule: string;
  readonly pattern?: RegExp;
  readonly minLength?: number;
  readonly maxLength: number;
  /** An example of what is right. */
  readonly example: string;
  /** Why a well-formed text is refused all the same. */
  readonly deny?: (value: string) => { message: string; hint: string } | undefined;
}

/** Text. A bare number or boolean is refused: YAML would change it (`1.10` → 1.1, `0o7` → 7). */
export function text(rule: TextRule): Reader<string> {
  return {
    rule: rule.rule,
    read(cell, place) {
      if (cell === undefined) return "";
      if (cell.kind !== "scalar" || typeof cell.value !== "string") {
        refuseType(place, cell, "text", `put it in quotes; for example ${rule.example}`);
        return "";
      }
      checkText(cell.value, rule, place);
      return cell.value;
    },
  };
}

/** Also used for keys of maps. */
export function checkText(value: string, rule: TextRule, place: Place): void {
  const { minLength = 1, maxLength, pattern, example, deny } = rule;
  const wellFormed = value.length >= minLength && value.length <= maxLength && (pattern?.test(value) ?? true);
  if (!wellFormed || value.includes("\0")) {
    place.refuse("format", `must be ${rule.rule}`, `for example ${example}`);
    return;
  }
  const denied = deny?.(value);
  if (denied) place.refuse("denied", denied.message, denied.hint);
}

export function integer(min: number, max: number): Reader<number> {
  const rule = `whole number from ${min} to ${max}`;
  return {
    rule,
    read(cell, place) {
      if (cell === undefined) return min;
      if (cell.kind !== "scalar" || typeof cell.value !== "number") {
        refuseType(place, cell, "a number", `write a ${rule}, without quotes`);
        return min;
      }
      if (Number.isInteger(cell.value) && cell.value >= min && cell.value <= max) return cell.value;
      place.refuse(
        "range",
        `must be a ${rule}`,
        cell.value > max ? `at most ${max}` : `at least ${min}, without a fraction`,
      );
      return min;
    },
  };
}

export const boolean: Reader<boolean> = {
  rule: "true or false",
  read(cell, place) {
    if (cell === undefined) return false;
    if (cell.kind === "scalar" && typeof cell.value === "boolean") return cell.value;
    refuseType(place, cell, "true or false", "write true or false, without quotes");
    return false;
  },
};

export function choice<T extends string>(first: T, ...others: readonly T[]): Reader<T> {
  const options = [first, ...others];
  const rule = options.join(" or ");
  return {
    rule,
    read(cell, place) {
      if (cell === undefined) return first;
      const found = options.find((option) => cell.kind === "scalar" && cell.value === option);
      if (found === undefined) place.refuse("choice", `must be ${rule}`, `write ${first}`, cell.position);
      return found ?? first;
    },
  };
}

/** Exactly this, such as the version of the language. */
export function constant<T extends number>(value: T): Reader<T> {
  return {
    rule: `\`${value}\``,
    read(cell, place) {
      const same = cell === undefined || (cell.kind === "scalar" && cell.value === value);
      if (!same) place.refuse("choice", `must be ${value}`, `write ${value}, without quotes`, cell.position);
      return value;
    },
  };
}

/** A Kubernetes quantity within bounds, both included. */
export function quantity(options: {
  readonly rule: string;
  readonly example: string;
  readonly parse: (text: string | number) => bigint;
  readonly min: bigint;
  readonly max: bigint;
}): Reader<bigint> {
  const { rule, example, parse, min, max } = options;
  return {
    rule,
    read(cell, place) {
      if (cell === undefined) return min;
      const value = parseCell(cell, parse);
      if (value === undefined) {
        place.refuse("format", `must be a quantity: ${rule}`, `for example ${example}`, cell.position);
        return min;
      }
      if (value < min || value > max) place.refuse("range", `must be ${rule}`, `for example ${example}`, cell.position);
      return value;
    },
  };
}

function parseCell(cell: Cell, parse: (text: string | number) => bigint): bigint | undefined {
  if (cell.kind !== "scalar" || (typeof cell.value !== "string" && typeof cell.value !== "number")) return undefined;
  try {
    return parse(cell.value);
  } catch {
    return undefined; // said by the caller, with the place
  }
}
