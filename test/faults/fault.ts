/** One request on its way to a server. */
export interface Call {
  /** 1 for the first that the proxy saw. */
  readonly number: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body: string;
}

/** What happens to a call instead of its being passed on and answered. Counted by its name, or else by its kind. */
export type Fault = FaultKind & { readonly name?: string };

type FaultKind =
  | { readonly kind: "Delay"; readonly milliseconds: number }
  /** The connection is reset before the server hears of it. */
  | { readonly kind: "Reset" }
  /** The server never hears of it and the connection stays open: half-open TCP. */
  | { readonly kind: "Hang" }
  /** Answered in the server's place, which never hears of it. */
  | {
      readonly kind: "Answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** Applied, but the answer is lost. */
  | { readonly kind: "LoseAnswer" }
  /** Applied, but the connection breaks in the middle of the answer. */
  | { readonly kind: "CutAnswer" }
  /** Applied, and the answer is changed on its way. */
  | { readonly kind: "ChangeAnswer"; change(body: string): string }
  /** Applied twice: a middlebox repeated it. */
  | { readonly kind: "Repeat" }
  /** No fault, and not counted: the answer is passed on and looked at, for a later one to repeat it. */
  | { readonly kind: "Observe"; see(body: string): void };

/** The same fault, to be counted by this name. */
export function named(name: string, fault: Fault): Fault {
  return { ...fault, name };
}

/** Decides what befalls a call; nothing when undefined. */
export type Rule = (call: Call) => Fault | undefined;

/** The first rule that has something to say decides. */
export function firstOf(...rules: readonly Rule[]): Rule {
  return (call) => {
    for (const rule of rules) {
      const fault = rule(call);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/** Befalls the first `times` calls that match. */
export function once(matches: (call: Call) => boolean, fault: Fault, times = 1): Rule {
  let left = times;
  return (call) => {
    if (left === 0 || !matches(call)) return undefined;
    left -= 1;
    return fault;
  };
}
