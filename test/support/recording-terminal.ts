import type { Terminal } from "../../src/cli/terminal.ts";

/** A terminal that keeps what was said, and answers questions with `answer`. */
export class RecordingTerminal implements Terminal {
  readonly printed: string[] = [];
  readonly noted: string[] = [];
  readonly drawn: string[] = [];
  readonly asked: string[] = [];
  readonly canAsk: boolean;
  readonly canRedraw: boolean;
  readonly hasColors = false;
  readonly #answer: string | undefined;

  /** With an answer it is a person's terminal, without one a script's. */
  constructor(answer?: string) {
    this.#answer = answer;
    this.canAsk = answer !== undefined;
    this.canRedraw = answer !== undefined;
  }

  print(line: string): void {
    this.printed.push(line);
  }

  note(line: string): void {
    this.noted.push(line);
  }

  draw(text: string): void {
    this.drawn.push(text);
  }

  async ask(question: string): Promise<string> {
    this.asked.push(question);
    return this.#answer ?? "";
  }
}
