/** What went wrong and what to do next: one line each, both shown to the person. Never holds key material. */
export class Failure extends Error {
  override readonly name: string = "Failure";
  readonly next: string;

  constructor(what: string, next: string, options?: ErrorOptions) {
    super(what, options);
    this.next = next;
  }
}

/** The command line itself is wrong: exit code 2. */
export class UsageFailure extends Failure {
  override readonly name: string = "UsageFailure";
}
