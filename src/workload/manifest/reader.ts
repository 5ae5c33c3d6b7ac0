import { type Cell, describeCell, type Position } from "./cell.ts";
import type { Problem, Rule } from "./problem.ts";
import { suggest } from "./suggest.ts";

/** One row of the reference: a field, whether it must be there, and its rule in words. */
export interface FieldRule {
  readonly path: string;
  readonly presence: string;
  readonly rule: string;
}

/**
 * Reads one value. Without a cell it returns a stand-in and reports nothing, so that reading always goes on to find
 * every problem at once; a result is only used when there was none.
 */
export interface Reader<T> {
  /** In words, for the reference: "DNS label of at most 40 characters". */
  readonly rule: string;
  /** Of the fields below, when it is a map or a list of maps. */
  readonly fields?: readonly FieldRule[];
  read(cell: Cell | undefined, place: Place): T;
}

const plainKey = /^[A-Za-z_][-\w./]{0,39}$/;

/**
 * How a path shows a key. One that does not look like a name is `?`, and line and column tell where it stands: it may
 * hold a secret (`{TOKEN:s3cr3t}` is one key), or what garbles a terminal.
 */
export function shownKey(key: string): string {
  return plainKey.test(key) ? key : "?";
}

/** Where a value stands, and where its problems go. */
export class Place {
  readonly path: string;
  readonly #journal: Journal;

  constructor(path: string, journal: Journal) {
    this.path = path;
    this.#journal = journal;
  }

  at(step: string | number, position: Position | undefined): Place {
    const suffix = typeof step === "number" ? `[${step}]` : this.path === "" ? step : `.${step}`;
    const place = new Place(this.path + suffix, this.#journal);
    if (position) this.#journal.positions.set(place.path, position);
    return place;
  }

  refuse(rule: Rule, message: string, hint: string, position?: Position): void {
    const at = position ?? this.#journal.positions.get(this.path);
    this.#journal.problems.push({ path: this.path, ...at, rule, message, hint });
  }
}

/** What one reading collects. */
export interface Journal {
  readonly problems: Problem[];
  /** Of every path that was read. */
  readonly positions: Map<string, Position>;
}

/** The keys of a map, each asked for once; `close` refuses those that nobody asked for. */
export class Fields {
  readonly rules: FieldRule[] = [];
  readonly #cell: Cell | undefined;
  readonly #place: Place;

  constructor(cell: Cell | undefined, place: Place) {
    this.#cell = cell;
    this.#place = place;
  }

  required<T>(name: string, reader: Reader<T>): T {
    const { cell, place } = this.#field(name, reader, "required");
    if (this.#cell && !cell) place.refuse("required", "is missing", `add it: ${reader.rule}`, this.#cell.position);
    return reader.read(cell, place);
  }

  optional<T>(name: string, reader: Reader<T>): T | undefined {
    const { cell, place } = this.#field(name, reader, "optional");
    return cell && reader.read(cell, place);
  }

  /** `shown` is the default in the reference's words. */
  withDefault<T>(name: string, reader: Reader<T>, value: T, shown = String(value)): T {
    const { cell, place } = this.#field(name, reader, `default ${shown}`);
    return cell ? reader.read(cell, place) : value;
  }

  /** Refuses something about several fields together. */
  refuse(name: string, message: string, hint: string): void {
    if (this.#cell)
      this.#place.at(name, undefined).refuse("consistency", message, hint, this.#keyOf(name) ?? this.#cell.position);
  }

  close(): void {
    if (this.#cell?.kind !== "map") return;
    const known = this.rules.map((rule) => rule.path).filter((path) => /^\w+$/.test(path));
    for (const [name, { key }] of this.#cell.entries) {
      if (known.includes(name)) continue;
      const meant = suggest(name, known);
      const hint = meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
      this.#place.at(shownKey(name), key).refuse("unknown", "is not a field of a manifest", hint);
    }
  }

  #keyOf(name: string): Position | undefined {
    return this.#cell?.kind === "map" ? this.#cell.entries.get(name)?.key : undefined;
  }

  #field<T>(name: string, reader: Reader<T>, presence: string): { cell: Cell | undefined; place: Place } {
    this.rules.push({ path: name, presence, rule: reader.rule });
    for (const below of reader.fields ?? []) this.rules.push({ ...below, path: `${name}${below.path}` });
    const entry = this.#cell?.kind === "map" ? this.#cell.entries.get(name) : undefined;
    return { cell: entry?.value, place: this.#place.at(name, entry?.key) };
  }
}

/** A map with known keys. */
export function record<T>(rule: string, build: (fields: Fields) => T): Reader<T> {
  const nowhere = new Place("", { problems: [], positions: new Map() });
  const sample = new Fields(undefined, nowhere);
  build(sample);
  return {
    rule,
    fields: sample.rules.map((row) => ({ ...row, path: `.${row.path}` })),
    read(cell, place) {
      const isMap = cell?.kind === "map";
      if (cell && !isMap) refuseType(place, cell, "a map", `write ${rule}`);
      const fields = new Fields(isMap ? cell : undefined, place);
      const value = build(fields);
      fields.close();
      return value;
    },
  };
}

export function refuseType(place: Place, cell: Cell, wanted: string, hint: string): void {
  place.refuse("type", `must be ${wanted}, not ${describeCell(cell)}`, hint, cell.position);
}
