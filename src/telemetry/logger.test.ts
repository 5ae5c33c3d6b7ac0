import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLogger, type Logger, type LogLevel } from "./logger.ts";
import { REDACTED, Redactor } from "./redactor.ts";

const blockHash = `0x${"ab".repeat(32)}`;

function harness(level: LogLevel = "debug"): {
  logger: Logger;
  redactor: Redactor;
  lines: () => unknown[];
  text: () => string;
} {
  const stream = new PassThrough();
  const redactor = new Redactor();
  const logger = createLogger({ level, redactor, stream, now: () => new Date(Date.UTC(2030, 0, 1)) });
  let text = "";
  const drain = (): string => {
    text += String(stream.read() ?? "");
    return text;
  };
  const lines = (): unknown[] =>
    drain()
      .split("\n")
      .filter((line) => line !== "")
      .map((line): unknown => JSON.parse(line));
  return { logger, redactor, lines, text: drain };
}

function logged(fields: object): unknown {
  const { logger, lines } = harness();
  logger.info("said", fields);
  return lines()[0];
}

describe("lines", () => {
  it("are one JSON object each, with time, level and message first", () => {
    const { logger, text } = harness();
    logger.warn("late", { network: "market", wei: 12n });
    expect(text()).toBe(
      '{"time":"2030-01-01T00:00:00.000Z","level":"warn","message":"late","network":"market","wei":"12"}\n',
    );
  });

  it("keep a message with line breaks on one line", () => {
    const { logger, lines } = harness();
    logger.info('two\nlines {"level":"error"}');
    expect(lines()).toMatchObject([{ message: 'two\nlines {"level":"error"}', level: "info" }]);
  });

  it("leave out what is below the level", () => {
    const { logger, lines } = harness("warn");
    logger.debug("no");
    logger.info("no");
    logger.warn("yes");
    logger.error("yes");
    expect(lines()).toHaveLength(2);
  });

  it("carry the fields of the child, which the call may refine", () => {
    const { logger, lines } = harness();
    logger.child({ controller: "lease.funds", key: "a" }).child({ key: "b" }).info("ok", { attempt: 2 });
    expect(lines()).toMatchObject([{ controller: "lease.funds", key: "b", attempt: 2 }]);
  });

  it("do not let a field pose as the level, message or time", () => {
    expect(logged({ level: "error", message: "forged", time: "never" })).toMatchObject({
      level: "info",
      message: "said",
      time: "2030-01-01T00:00:00.000Z",
      _level: "error",
      _message: "forged",
    });
  });
});

describe("errors", () => {
  it("come with message, stack, own fields and causes, masked", () => {
    const { logger, redactor, text, lines } = harness();
    redactor.protect("hunter2-hunter2");
    const cause = new Error("password was hunter2-hunter2");
    logger.error("failed", { error: Object.assign(new Error("open failed", { cause }), { code: "EACCES" }) });
    expect(lines()).toMatchObject([
      { error: { name: "Error", message: "open failed", code: "EACCES", cause: { message: expect.any(String) } } },
    ]);
    expect(text()).toContain("logger.test.ts");
    expect(text()).not.toContain("hunter2");
  });

  it("that gather others show them all", () => {
    const error = new AggregateError([new Error("first"), new Error("second")], "both");
    expect(logged({ error })).toMatchObject({ error: { errors: [{ message: "first" }, { message: "second" }] } });
  });
});

describe("fields", () => {
  it.each([
    ["privateKey", blockHash],
    ["private_key", "anything"],
    ["key", blockHash],
    ["key", "ab".repeat(32)],
    ["manifestKey", blockHash],
    ["sessionKey", "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k="],
    ["key", new Uint8Array(32)],
    ["password", "x"],
    ["wallet-password", { deep: "x" }],
    ["accessToken", "abc"],
    ["token", "eyJ"],
    ["Authorization", "Berthage abc"],
    ["set-cookie", ["a", "b"]],
    ["signature", blockHash],
    ["mnemonic", "test test test junk"],
    ["clientSecret", "x"],
    ["secretEnv", { HF: "x" }],
    ["apiKey", "x"],
  ])("hide %s", (name, value) => {
    expect(logged({ outer: { [name]: value } })).toMatchObject({ outer: { [name]: REDACTED } });
  });

  it.each([
    ["key", "berthage-system/lane"],
    ["transaction", blockHash],
    ["hash", blockHash],
    ["token", "0x5FbDB2315678afecb367f032d93F642f64180aa3"],
    ["secretRef", { name: "operator" }],
    ["tokens", 3],
  ])("show %s", (name, value) => expect(logged({ [name]: value })).toMatchObject({ [name]: value }));

  it("hide the data of a Secret object and keep its name", () => {
    const secret = { kind: "Secret", metadata: { name: "operator" }, data: { any: "c2VjcmV0" } };
    expect(logged({ object: secret })).toMatchObject({ object: { metadata: { name: "operator" }, data: REDACTED } });
  });

  it("that cannot be written become notes instead of exceptions", () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const hostile = {
      get broken(): string {
        throw new Error("no");
      },
    };
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    expect(
      logged({ circular, hostile, bytes: new Uint8Array(3), nan: Number.NaN, map: new Map([["a", 1n]]) }),
    ).toMatchObject({
      circular: { self: "[circular]" },
      hostile: { broken: "[unreadable]" },
      bytes: "[3 bytes]",
      nan: "NaN",
      map: { a: "1" },
    });
    expect(logged({ proxy })).toMatchObject({ fields: "[unreadable]" });
  });

  it("are bounded in length", () => {
    const { logger, text } = harness();
    logger.info("x".repeat(1e6), { list: Array.from({ length: 1e4 }, () => "y"), long: "z".repeat(1e6) });
    expect(text().length).toBeLessThan(40_000);
  });

  it("never fail and always give one parsable line", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.object({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
        }),
        (message, fields) => {
          const { logger, lines } = harness();
          logger.info(message, fields);
          expect(lines()).toHaveLength(1);
        },
      ),
    );
  });

  it("never carry a registered secret, however deep it sits", () => {
    const secret = "swordfish-swordfish";
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 3, values: [fc.constant(secret), fc.string(), fc.constant(`a${secret}b`)] }),
        (fields) => {
          const { logger, redactor, text } = harness();
          redactor.protect(secret);
          logger.info(secret, { fields, error: new Error(secret), [secret]: 1 });
          expect(text()).not.toContain(secret);
        },
      ),
    );
  });
});
