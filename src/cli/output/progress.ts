import type { Clock } from "../../chain/clock.ts";
import type { Terminal } from "../terminal.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MILLISECONDS = 100;
const CLEAR_LINE = "\r\x1b[2K";

/**
 * Runs `work` and shows on stderr that it goes on: a spinner with the seconds passed on a terminal, else one line at the
 * start.
 */
export async function withProgress<T>(
  what: string,
  { terminal, clock }: { terminal: Terminal; clock: Clock },
  work: () => Promise<T>,
): Promise<T> {
  if (!terminal.canRedraw) {
    terminal.note(`${what} …`);
    return await work();
  }
  const startedAt = clock.monotonic();
  let frame = 0;
  const draw = (): void => {
    const seconds = Math.floor((clock.monotonic() - startedAt) / 1000);
    terminal.draw(`${CLEAR_LINE}${frames[frame % frames.length]} ${what} ${seconds > 0 ? `(${seconds} s)` : ""}`);
    frame += 1;
    timer = clock.setTimer(FRAME_MILLISECONDS, draw);
  };
  let timer = clock.setTimer(0, draw);
  try {
    return await work();
  } finally {
    timer.cancel();
    terminal.draw(CLEAR_LINE);
  }
}
