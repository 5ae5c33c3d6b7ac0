import { type Conditions, no, unseen, yes } from "./reason.ts";

/** Conditions of a ComputeNetwork, with every reason that they can have. */
export const networkConditions = {
  Connected: {
    Connected: yes("The endpoints answer for the right chain and the market's contract is there."),
    ClockSkew: yes(
      "Connected, but this node's clock is minutes behind the chain's: let NTP set it, or tenants' grants are refused.",
    ),
    Unreachable: no(
      "No endpoint answers; check their urls and the network policy of the operator. Leases run on meanwhile.",
    ),
    WrongChain: no("An endpoint reports another chain id than spec.market.chainId; correct one of them."),
    NoContract: no(
      "There is no market contract at spec.market.address; compare it with what `berthage market deploy` printed.",
    ),
    Stalled: no(
      "The chain's head does not advance: the endpoints lag, the chain stands still, or this node's clock is ahead.",
    ),
    EndpointsDisagree: no(
      "Two endpoints differ on a final block, so neither is believed; find out which one is wrong and remove it.",
    ),
    FinalityViolated: no(
      "Blocks that were final, or deeper than any reorganisation may go, were replaced; nothing is deleted or closed. Check the endpoints, then restart the operator.",
    ),
    ...unseen,
  },
  Registered: {
    Registered: yes("The signer is the operator of a provider on this network."),
    NotRegistered: no("The signer serves no provider; run `berthage provider register`."),
    PayoutMismatch: no("The network pays out to another address than spec.payout; correct it with the owner's key."),
    KeyMismatch: no(
      "Tenants seal to another manifest key than the Secret holds; set the key on the network or restore the Secret.",
    ),
    SignerUnavailable: no("The signer's Secret is missing, cannot be decrypted, or the remote signer refuses."),
    ...unseen,
  },
  Funded: {
    Funded: yes("The operator's account can pay for transactions."),
    BalanceLow: no("The balance is below spec.budget.minBalanceWei; send native coin to status.operator.address."),
    BalanceEmpty: no("The balance pays for no transaction; heartbeats stop and nothing is earned until it is filled."),
    BudgetSpent: no("Today's fees reached spec.budget.maxSpendPerDayWei; raise it or wait."),
    FeeCeiling: no("The chain asks for more than spec.budget.maxFeePerGasWei; raise it or wait."),
    ...unseen,
  },
  Ready: {
    Ready: yes("The network is connected, registered and funded."),
    NotConnected: no("See condition Connected."),
    NotRegistered: no("See condition Registered."),
    NotFunded: no("See condition Funded."),
    ...unseen,
  },
} as const satisfies Conditions;
