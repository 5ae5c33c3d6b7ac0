/** What a person can do about the market's and the tokens' errors (contracts/src/IComputeMarket.sol, ERC-6093). */
export const remedies: Readonly<Record<string, string>> = {
  UnknownProvider: "`berthage offers` shows who sells",
  UnknownOffer: "`berthage offers` lists what is for sale",
  UnknownLease: "`berthage leases` lists yours",
  NotOwner: "give the provider's owner key with --key-file",
  NotOperator: "give the provider's operator or owner key with --key-file",
  NotTenant: "give the tenant's key with --key-file",
  OperatorTaken: "make another operator key: `berthage provider keygen`",
  InvalidOperator: "give another --operator",
  InvalidPayout: "give another --payout",
  CapacityExceeded: "take fewer units, or another offer of `berthage offers`",
  OfferClosed: "take another offer of `berthage offers`",
  DepositTooSmall: "deposit more: an offer's least time is in `berthage offers`",
  InexactDeposit: "the token takes a fee from transfers; such tokens cannot be used",
  LeaseNotActive: "the lease has ended: open another one with `berthage rent`",
  PriceTooHigh: "take fewer units",
  ERC20InsufficientBalance: "send tokens to your account, or take less",
  ERC20InsufficientAllowance: "approve the market in your wallet, or leave out --no-approve",
};

/** `revert` is `Name(field: value, …)`, as explainRevert writes it. */
export function nextAfterRevert(revert: string): string {
  const name = /^\w+/.exec(revert)?.[0] ?? "";
  return remedies[name] ?? "look at what changed with `berthage status` or `berthage offers`, then try again";
}
