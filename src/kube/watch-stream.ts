import type { KubeClient, WatchOptions } from "./client.ts";
import type { Clock, Timer } from "./clock.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { KubeObject, Resource } from "./resource.ts";
import { type WatchEvent, watchEventOf } from "./watch-event.ts";

/** Objects are at most a few MB (etcd 1.5 MB, request body 3 MB); JSON escapes can make a line longer. */
const MAX_LINE_BYTES = 16 * 2 ** 20;

/** A watch that sent nothing for too long: not even the bookmarks that come each minute. */
export class IdleWatch extends Error {
  constructor(resource: string, idleSeconds: number) {
    super(`the watch of ${resource} was silent for ${idleSeconds} s`);
    this.name = "IdleWatch";
  }
}

/**
 * Opens a watch and gives its events until the server ends it. A watchdog ends it when nothing at all arrives for
 * `idleSeconds`: a dead connection is silent, too.
 * @throws ApiError when it is refused or breaks, IdleWatch when it hangs; nothing when `signal` aborts
 */
export async function* watchStream<T extends KubeObject>(
  client: KubeClient,
  r: Resource<T>,
  o: WatchOptions,
  idleSeconds: number,
  clock: Clock,
): AsyncGenerator<WatchEvent<T>> {
  const dog = new Watchdog(new IdleWatch(r.plural, idleSeconds), idleSeconds, clock, o.signal);
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  try {
    for await (const chunk of await client.watch(r, { ...o, signal: dog.signal })) {
      dog.pat();
      for (const line of splitter.push(chunk)) {
        if (dog.signal.aborted) return; // buffered data of a stream that is over
        yield watchEventOf(r, line);
      }
    }
  } catch (error) {
    if (o.signal.aborted) return;
    throw dog.signal.aborted ? dog.signal.reason : error;
  } finally {
    dog.stop();
  }
}

/** Aborts its signal when it is not patted in time, or with its parent. */
class Watchdog {
  readonly #controller = new AbortController();
  readonly #barks: Error;
  readonly #milliseconds: number;
  readonly #clock: Clock;
  readonly #parent: AbortSignal;
  readonly #follow = (): void => this.#controller.abort(this.#parent.reason);
  #timer: Timer;
  #lastPat: number;

  constructor(barks: Error, seconds: number, clock: Clock, parent: AbortSignal) {
    this.#barks = barks;
    this.#milliseconds = seconds * 1000;
    this.#clock = clock;
    this.#parent = parent;
    this.#lastPat = clock.monotonic();
    this.#timer = clock.setTimer(this.#milliseconds, () => this.#check());
    // One listener, removed at the end: AbortSignal.any on a signal that lives for months leaks.
    if (parent.aborted) this.#follow();
    parent.addEventListener("abort", this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Cheap: chunks come by the thousand, the timer is set anew only when it fires. */
  pat(): void {
    this.#lastPat = this.#clock.monotonic();
  }

  stop(): void {
    this.#timer.cancel();
    this.#parent.removeEventListener("abort", this.#follow);
    this.#controller.abort(); // frees the connection when the reader left early
  }

  #check(): void {
    const left = this.#lastPat + this.#milliseconds - this.#clock.monotonic();
    if (left <= 0) this.#controller.abort(this.#barks);
    else this.#timer = this.#clock.setTimer(left, () => this.#check());
  }
}
