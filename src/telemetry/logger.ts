import winston from "winston";
import { logFields, logText } from "./log-fields.ts";
import type { Redactor } from "./redactor.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Fields are structured and masked; an error belongs under `error` and comes with its stack and causes. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
  /** A logger that adds `fields` to every line. */
  child(fields: object): Logger;
}

export interface LoggerOptions {
  /** The least severe level that is written. */
  readonly level: LogLevel;
  readonly redactor: Redactor;
  /** Where lines go. Default: standard output. */
  readonly stream?: NodeJS.WritableStream;
  /** Default: the wall clock. */
  readonly now?: () => Date;
}

/** A logger that writes one JSON object a line: `time`, `level`, `message`, then the fields. */
export function createLogger(options: LoggerOptions): Logger {
  const { level, redactor, stream = process.stdout, now = () => new Date() } = options;
  const sink = winston.createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: winston.format.printf((record) => String(record.message)),
    transports: [new winston.transports.Stream({ stream })],
    exitOnError: false,
  });
  const write = (at: LogLevel, message: string, fields: object): void => {
    if (!sink.isLevelEnabled(at)) return;
    const head = { time: now().toISOString(), level: at, message: logText(message, redactor) };
    sink.log(at, JSON.stringify({ ...head, ...withoutReserved(logFields(fields, redactor), head) }));
  };
  return loggerOver(write, {});
}

type Write = (level: LogLevel, message: string, fields: object) => void;

function loggerOver(write: Write, base: object): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: object = {}): void =>
      write(level, message, { ...base, ...fields });
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => loggerOver(write, { ...base, ...fields }),
  };
}

/** A field may not pose as the line's own time, level or message: it keeps its value under `_name`. */
function withoutReserved(fields: object, head: object): object {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name in head ? `_${name}` : name, value]));
}
