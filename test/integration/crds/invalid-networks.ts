import { address, type Invalid, type JsonObject, zeroAddress } from "./examples.ts";

const spec = (patch: JsonObject): JsonObject => ({ spec: patch });
const market = (patch: JsonObject): JsonObject => spec({ market: patch });
const endpoint = (url: string): JsonObject => market({ endpoints: [{ name: "a", url }] });
const secret = { secretRef: { name: "s" } };

/** Networks that cannot be created. */
export const invalidNetworks: readonly Invalid[] = [
  {
    what: "a name with a dot",
    patch: { metadata: { name: "my.market" } },
    says: "name the network with at most 40 lowercase letters",
  },
  {
    what: "a name of 41 characters",
    patch: { metadata: { name: "a".repeat(41) } },
    says: "at most 40 lowercase letters, digits and hyphens",
  },
  { what: "a driver that does not exist", patch: spec({ driver: "Fluence" }), says: 'supported values: "Market"' },
  { what: "no driver", patch: spec({ driver: null }), says: "spec.driver: Required value" },
  {
    what: "driver Market without market",
    patch: spec({ market: null }),
    says: "spec.market: Invalid value: driver Market needs spec.market",
  },
  { what: "a field that does not exist", patch: spec({ chainID: 1 }), says: 'unknown field "spec.chainID"' },
  {
    what: "chain id 0",
    patch: market({ chainId: 0 }),
    says: "spec.market.chainId in body should be greater than or equal to 1",
  },
  {
    what: "a chain id as text",
    patch: market({ chainId: "1" }),
    says: 'spec.market.chainId in body must be of type integer: "string"',
  },
  {
    what: "an address that is too short",
    patch: market({ address: "0x1234" }),
    says: "spec.market.address in body should match '^0x[0-9a-fA-F]{40}$'",
  },
  {
    what: "the zero address as market",
    patch: market({ address: zeroAddress }),
    says: "use the address that `berthage market deploy` printed",
  },
  {
    what: "no endpoint",
    patch: market({ endpoints: [] }),
    says: "spec.market.endpoints in body should have at least 1 items",
  },
  {
    what: "nine endpoints",
    patch: market({
      endpoints: Array.from({ length: 9 }, (_, n) => ({ name: `e${n}`, url: `http://127.0.0.1:${n}` })),
    }),
    says: "spec.market.endpoints: Too many: 9: must have at most 8 items",
  },
  {
    what: "two endpoints of one name",
    patch: market({
      endpoints: [
        { name: "a", url: "http://a:1" },
        { name: "a", url: "http://b:1" },
      ],
    }),
    says: 'spec.market.endpoints[1]: Duplicate value: {"name":"a"}',
  },
  {
    what: "two endpoints of one url",
    patch: market({
      endpoints: [
        { name: "a", url: "http://a:1" },
        { name: "b", url: "http://a:1" },
      ],
    }),
    says: "two endpoints have the same url; remove one",
  },
  {
    what: "endpoints of which none reads",
    patch: market({ endpoints: [{ name: "a", url: "http://a:1", roles: ["Send"] }] }),
    says: "give at least one endpoint the role Read",
  },
  {
    what: "endpoints of which none sends",
    patch: market({ endpoints: [{ name: "a", url: "http://a:1", roles: ["Read"] }] }),
    says: "give at least one endpoint the role Send",
  },
  {
    what: "an endpoint of no use",
    patch: market({ endpoints: [{ name: "a", url: "http://a:1", roles: [] }] }),
    says: "spec.market.endpoints[0].roles in body should have at least 1 items",
  },
  {
    what: "an endpoint that is no URL",
    patch: endpoint("127.0.0.1:8545"),
    says: "write an http or https URL such as https://rpc.example",
  },
  {
    what: "an endpoint by websocket",
    patch: endpoint("wss://rpc.example"),
    says: "write an http or https URL such as https://rpc.example",
  },
  {
    what: "an endpoint without host",
    patch: endpoint("https:///path"),
    says: "write an http or https URL such as https://rpc.example",
  },
  {
    what: "an endpoint with a password",
    patch: endpoint("https://me:secret@rpc.example"),
    says: "remove user and password from the url",
  },
  {
    what: "negative confirmations",
    patch: market({ confirmations: -1 }),
    says: "spec.market.confirmations in body should be greater than or equal to 0",
  },
  {
    what: "finality ahead of the head",
    patch: market({ confirmations: 12, finalityBlocks: 6 }),
    says: "finalityBlocks must not be smaller than confirmations",
  },
  {
    what: "polling without pause",
    patch: market({ pollSeconds: 0 }),
    says: "spec.market.pollSeconds in body should be greater than or equal to 1",
  },
  {
    what: "no signer",
    patch: spec({ signer: { rawKey: null } }),
    says: "set exactly one of keystore, rawKey (development only) and remote",
  },
  {
    what: "two signers",
    patch: spec({ signer: { remote: { url: "http://signer:9000", address } } }),
    says: "set exactly one of keystore, rawKey (development only) and remote",
  },
  {
    what: "a keystore without password",
    patch: spec({ signer: { rawKey: null, keystore: secret } }),
    says: "spec.signer.keystore.passwordSecretRef: Required value",
  },
  {
    what: "a Secret's name that no Secret can have",
    patch: spec({ manifestKey: { secretRef: { name: "My_Secret" } } }),
    says: "spec.manifestKey.secretRef.name in body should match",
  },
  {
    what: "a Secret's key with a slash",
    patch: spec({ manifestKey: { secretRef: { key: "a/b" } } }),
    says: "spec.manifestKey.secretRef.key in body should match '^[-._a-zA-Z0-9]+$'",
  },
  {
    what: "a remote signer with a password",
    patch: spec({ signer: { rawKey: null, remote: { url: "http://u:p@signer:9000", address } } }),
    says: "remove user and password from the url",
  },
  {
    what: "a remote signer for nobody",
    patch: spec({ signer: { rawKey: null, remote: { url: "http://signer:9000", address: zeroAddress } } }),
    says: "nobody can sign for the zero address; write the signer's account",
  },
  { what: "payout to the zero address", patch: spec({ payout: zeroAddress }), says: "write your payout address" },
  {
    what: "a fee of nothing",
    patch: spec({ budget: { maxFeePerGasWei: "0" } }),
    says: "spec.budget.maxFeePerGasWei in body should match",
  },
  {
    what: "a fee as a number",
    patch: spec({ budget: { maxFeePerGasWei: 1 } }),
    says: 'must be of type string: "integer"',
  },
  {
    what: "a budget with a unit",
    patch: spec({ budget: { maxSpendPerDayWei: "1eth" } }),
    says: "spec.budget.maxSpendPerDayWei in body should match",
  },
  {
    what: "settlement of nothing",
    patch: spec({ settlement: { minOwed: "0" } }),
    says: "spec.settlement.minOwed in body should match",
  },
];

/** Changes of the stored network that are refused. */
export const invalidNetworkChanges: readonly Invalid[] = [
  {
    what: "another chain",
    patch: market({ chainId: 1 }),
    says: "the chain cannot change under existing leases; create another ComputeNetwork",
  },
  {
    what: "another market",
    patch: market({ address: address.replace("5F", "6F") }),
    says: "the market address cannot change under existing leases",
  },
  { what: "no market", patch: spec({ market: null }), says: "driver Market needs spec.market" },
];

/** Statuses that only a bug can write. */
export const invalidNetworkStatuses: readonly Invalid[] = [
  {
    what: "a head in hex",
    patch: { status: { head: { number: "0x10", hash: `0x${"a".repeat(64)}`, timestampSeconds: 1 } } },
    says: "head.number in body should match",
  },
  {
    what: "a balance below zero",
    patch: { status: { operator: { address, balanceWei: "-1" } } },
    says: "operator.balanceWei in body should match",
  },
  {
    what: "a condition that is neither true nor false",
    patch: {
      status: {
        conditions: [
          { type: "Ready", status: "Maybe", reason: "A", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" },
        ],
      },
    },
    says: 'supported values: "True", "False", "Unknown"',
  },
  {
    what: "a condition with a sentence for a reason",
    patch: {
      status: {
        conditions: [
          {
            type: "Ready",
            status: "True",
            reason: "all is well",
            message: "",
            lastTransitionTime: "2026-01-01T00:00:00Z",
          },
        ],
      },
    },
    says: "conditions[0].reason in body should match '^[A-Z][A-Za-z0-9]*$'",
  },
];
