import { eventually } from "../test/harness/wait.ts";
import { type AuditedCall, type AuditTail, isOperators, isWrite } from "./audit-log.ts";

/** Reads the audit log until `isDone` says so of the writes that `concerns` picked, and then until none came for `quietSeconds`. */
export async function collectWrites(
  audit: AuditTail,
  what: string,
  concerns: (call: AuditedCall) => boolean,
  isDone: (writes: readonly AuditedCall[]) => boolean,
  quietSeconds = 2,
): Promise<readonly AuditedCall[]> {
  const writes: AuditedCall[] = [];
  let lastAt = performance.now();
  return eventually(
    what,
    async () => {
      const fresh = (await audit.read()).filter((call) => isWrite(call) && concerns(call));
      writes.push(...fresh);
      if (fresh.length > 0) lastAt = performance.now();
      return isDone(writes) && performance.now() - lastAt > quietSeconds * 1000 ? writes : undefined;
    },
    { timeoutSeconds: 300, intervalMilliseconds: 100 },
  );
}

/** Waits until the operator has written nothing for `seconds`. @returns what it wrote since the log was last read */
export function settled(audit: AuditTail, seconds = 3): Promise<readonly AuditedCall[]> {
  return collectWrites(audit, "the operator to have nothing more to write", isOperators, () => true, seconds);
}

/** The writes that created an object, events left out. */
export function creations(writes: readonly AuditedCall[]): readonly AuditedCall[] {
  return writes.filter(({ verb, code, resource }) => verb === "create" && code === 201 && resource !== "events");
}
