import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { identify, isAlive } from "../../test/harness/identity.ts";

/**
 * Runs `work` while this process holds the lock file, waiting (and calling `onWait` once) while another living process holds it.
 * A lock left by a dead process is taken over; should two take it over at once, both work: what they make must be put in place atomically.
 */
export async function withLock<T>(file: string, onWait: (holder: number) => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  let told = false;
  for (;;) {
    if (await tryTake(file)) break;
    const holder = await livingHolder(file);
    if (holder === undefined) {
      await rm(file, { force: true });
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    await delay(500);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function tryTake(file: string): Promise<boolean> {
  const self = await identify(process.pid);
  // Linked only when written: nobody may see a lock that does not name its holder yet.
  const written = `${file}.${process.pid}.${randomUUID()}`;
  await writeFile(written, `${process.pid} ${self?.startTime ?? ""}\n`);
  try {
    await link(written, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(written);
  }
}

async function livingHolder(file: string): Promise<number | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  const startTime = text.trimEnd().slice(String(pid).length + 1);
  return pid > 0 && (await isAlive({ pid, startTime })) ? pid : undefined;
}
