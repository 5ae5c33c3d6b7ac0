import { type Reader, refuseType, shownKey } from "./reader.ts";
import { checkText, type TextRule } from "./values.ts";

export function list<T>(item: Reader<T>, max: number): Reader<readonly T[]> {
  const rule = `list of at most ${max}: ${item.rule}`;
  return {
    rule,
    ...(item.fields && { fields: item.fields.map((row) => ({ ...row, path: `[]${row.path}` })) }),
    read(cell, place) {
      if (cell === undefined) return [];
      if (cell.kind !== "list") {
        refuseType(place, cell, "a list", "start each item with `- `");
        return [];
      }
      if (cell.items.length > max)
        place.refuse("count", `has ${cell.items.length} items`, `at most ${max}`, cell.position);
      return cell.items.slice(0, max).map((value, index) => item.read(value, place.at(index, value.position)));
    },
  };
}

/** A map whose keys the tenant chooses. */
export function mapOf<T>(key: TextRule, value: Reader<T>, max: number): Reader<ReadonlyMap<string, T>> {
  return {
    rule: `map of at most ${max}, from ${key.rule} to ${value.rule}`,
    read(cell, place) {
      const result = new Map<string, T>();
      if (cell === undefined) return result;
      if (cell.kind !== "map") {
        refuseType(place, cell, "a map", "write `NAME: value` lines");
        return result;
      }
      if (cell.entries.size > max)
        place.refuse("count", `has ${cell.entries.size} entries`, `at most ${max}`, cell.position);
      for (const [name, entry] of [...cell.entries].slice(0, max)) {
        const below = place.at(shownKey(name), entry.key);
        checkText(name, key, below);
        result.set(name, value.read(entry.value, below));
      }
      return result;
    },
  };
}
