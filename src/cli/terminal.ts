import type { Readable, Writable } from "node:stream";

/** Where a command's words go and a person's answers come from. Results go to stdout, everything else to stderr. */
export interface Terminal {
  /** A person can answer on stdin. */
  readonly canAsk: boolean;
  /** stderr is a terminal: lines can be drawn over. */
  readonly canRedraw: boolean;
  /** stdout takes ANSI styles. */
  readonly hasColors: boolean;
  /** A line of the result. */
  print(line: string): void;
  /** A line about what goes on. */
  note(line: string): void;
  /** Raw text to stderr, for what is drawn over. */
  draw(text: string): void;
  /** One line of a person's answer. */
  ask(question: string): Promise<string>;
}

interface Streams {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
}

/** The terminal of a process. `NO_COLOR` is honoured (no-color.org). */
export function processTerminal(
  { stdin, stdout, stderr }: Streams,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  return {
    canAsk: stdin.isTTY === true,
    canRedraw: stderr.isTTY === true && environment["TERM"] !== "dumb",
    hasColors: stdout.isTTY === true && (environment["NO_COLOR"] ?? "") === "",
    print: (line) => stdout.write(`${line}\n`),
    note: (line) => stderr.write(`${line}\n`),
    draw: (text) => stderr.write(text),
    async ask(question) {
      const { createInterface } = await import("node:readline/promises");
      const reader = createInterface({ input: stdin, output: stderr });
      try {
        return await reader.question(question);
      } finally {
        reader.close();
      }
    },
  };
}
