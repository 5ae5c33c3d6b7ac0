import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type Credentials, loadClusterConfig } from "./config.ts";

const directory = mkdtempSync(join(tmpdir(), "berthage-kubeconfig-"));
const file = join(directory, "config");
afterAll(() => rmSync(directory, { recursive: true }));

const secret = "hunter2-hunter2";
const cluster = "clusters: [{name: k, cluster: {server: 'https://127.0.0.1:6443'}}]";
const user = `users: [{name: u, user: {token: ${secret}}}]`;
const context = "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]";
const whole = [context, cluster, user].join("\n");

async function load(text: string): Promise<{ server: string; namespace: string; credentials: Credentials }> {
  writeFileSync(file, text);
  const config = await loadClusterConfig({ kubeconfig: file, environment: {} });
  return { server: config.server, namespace: config.namespace, credentials: await config.credentials() };
}

/** Of an error that a person can act on: which file, in a bounded line, and no secret, in its causes neither. */
async function complaintOf(text: string): Promise<string> {
  const thrown = await load(text).then(
    () => new Error("was accepted"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error)) throw new Error("threw what is no error");
  expect(thrown.constructor).toBe(Error);
  expect(thrown.message).toContain(file);
  expect(thrown.message.length).toBeLessThan(500);
  expect(thrown.message).not.toContain("\n");
  for (let error: unknown = thrown; error instanceof Error; error = error.cause) {
    expect(`${error.message} ${error.stack}`).not.toContain(secret);
  }
  return thrown.message;
}

describe("a kubeconfig", () => {
  it("gives server, namespace and token", async () => {
    expect(await load(whole)).toEqual({
      server: "https://127.0.0.1:6443",
      namespace: "default",
      credentials: { headers: { authorization: `Bearer ${secret}` }, tls: {} },
    });
  });

  it.each([
    ["cut off", whole.slice(0, -3), /not valid YAML at line 4; compare it with what `kubectl config view` shows$/],
    ["with a slip beside the token", `a: 1\n${whole.replace(secret, `${secret}: x`)}`, /not valid YAML at line 5/],
    ["with a token that YAML takes for an alias", whole.replace(secret, `*${secret}`), /not valid YAML at line 4/],
    ["with a token that YAML takes for a tag", whole.replace(secret, `!${secret} x`), /not valid YAML at line 4/],
    ["with a key twice", `${whole}\n${user}`, /not valid YAML at line 5/],
    ["that is empty", "", /not valid YAML/],
    ["of a NUL", "\0", /not valid YAML/],
    ["that is null", "null", /not a kubeconfig/],
    ["that is a list", `[${secret}]`, /names no cluster/],
    ["that is a text", secret, /names no cluster/],
    ["with a null context", "contexts: [null]", /not a kubeconfig/],
    ["with clusters that are numbers", `${context}\nclusters: 5`, /names no cluster/],
    ["with a cluster without a name", `${context}\nclusters: [5]`, /clusters\[0\]\.name is missing/],
    ["with a server that is a number", whole.replace("'https://127.0.0.1:6443'", "5"), /not a kubeconfig/],
    ["with a server that is no URL", whole.replace("https://127", secret), /server is not a URL such as/],
    ["with a server of another scheme", whole.replace("https:", "file:"), /server is not a URL such as/],
    ["with a password in the server", whole.replace("127.0.0.1", `me:${secret}@host`), /without user and password/],
    [
      "with a namespace that is a path",
      whole.replace("user: u}", "user: u, namespace: ../x}"),
      /namespace is not a DNS/,
    ],
    [
      "with a namespace that is a number",
      whole.replace("user: u}", "user: u, namespace: 5}"),
      /namespace is not a DNS/,
    ],
    ["with a token that is a map", whole.replace(secret, `{a: ${secret}}`), /no authorization header/],
    ["with a token that adds a header", whole.replace(secret, `"${secret}\\r\\nX-Evil: 1"`), /no authorization header/],
  ])("%s is refused in one line without what it holds", async (_what, text, message) => {
    expect(await complaintOf(text)).toMatch(message);
  });

  it("of any bytes is read, or refused in one line", async () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(20),
      add: fc.string({ maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const text = edits.reduce((all, { at, cut, add }) => {
          const start = Math.floor(at * all.length);
          return all.slice(0, start) + add + all.slice(start + cut);
        }, whole);
        const outcome = await load(text).catch(() => undefined);
        if (outcome === undefined) await complaintOf(text);
        else expect(outcome.server).toMatch(/^https?:\/\//);
      }),
      { numRuns: 200 },
    );
  });
});
