/** `Malformed`: not an envelope. `Unopenable`: sealed for another key, tenant, provider or network, or damaged. */
export type SealingFault = "Malformed" | "Unopenable" | "BadKey" | "BadContext";

/** Never carries key material or plain text. */
export class SealingError extends Error {
  override readonly name = "SealingError";
  readonly kind: SealingFault;

  constructor(kind: SealingFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
