// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Terms of an offer. Immutable once published but for `capacity`: another price is another offer, so live leases keep
/// their terms.
struct OfferTerms {
    /// ERC-20 that leases are paid in. Fee-on-transfer and rebasing tokens are not supported.
    address token;
    /// Price of one unit for 3,600 served seconds, in the token's smallest units.
    uint88 pricePerHour;
    /// Units that may be leased at once.
    uint32 capacity;
    /// Heartbeat window in seconds: the most one heartbeat can credit; two silent windows mean abandoned.
    uint24 maxWindow;
    /// Least seconds a deposit must cover, and the least a tenant pays for once anything was billed.
    uint24 minSeconds;
    /// Seconds between a provider's notice and its right to close.
    uint24 noticeSeconds;
    /// Digest of the description of a unit (its hardware and terms of use), kept off chain.
    bytes32 specHash;
}

/// A lease that a tenant asks for by signature, so that a relayer can pay the gas (EIP-712).
struct OpenRequest {
    uint32 offerId;
    uint16 units;
    /// Pulled from the tenant, who must have approved the market.
    uint128 deposit;
    bytes32 manifestHash;
    address tenant;
    /// The tenant's next value of `nonces(tenant)`.
    uint256 nonce;
    /// Last second at which the signature is good.
    uint256 deadline;
}

enum LeaseState {
    None,
    Active,
    Closed
}

/// @title ComputeMarket: prepaid escrow for leases of compute
/// @notice Providers publish offers; a tenant opens a lease with a deposit; the provider's heartbeats credit served
/// seconds; what they cost can be settled at any time by anyone, to the provider's payout address only; the rest goes
/// back to the tenant at the close. No owner, no admin, no pause, no upgrade, no fee.
///
/// Money. With `billed` seconds of service credited since the lease began, the provider has earned
/// `floor(pricePerHour * billed / 3600)`. It is always computed from the beginning, so the rounding error stays under
/// one token unit for a lease's life however often it is settled. Only what a provider has claimed is ever billed:
/// silence costs nothing, and a close adds no unclaimed tail.
///
/// Time is `block.timestamp` in seconds. Ids start at 1: provider uint32, offer uint32, lease uint48.
interface IComputeMarket {
    // ---------------------------------------------------------------- events

    event ProviderUpdated(
        uint32 indexed providerId,
        address indexed owner,
        address operator,
        address payout,
        bytes32 manifestKey,
        uint32 keyVersion
    );
    /// `capacity` and `isOpen` are the only fields that change between two events of one offer.
    event OfferSet(uint32 indexed offerId, uint32 indexed providerId, OfferTerms terms, bool isOpen);
    event LeaseOpened(
        uint48 indexed leaseId,
        uint32 indexed providerId,
        address indexed tenant,
        uint32 offerId,
        uint16 units,
        uint128 deposit,
        bytes32 manifestHash
    );
    event ToppedUp(uint48 indexed leaseId, uint32 indexed providerId, address indexed from, uint128 amount);
    /// One a batch. `root` commits to detailed usage records that the provider serves off chain.
    event Heartbeat(uint32 indexed providerId, bytes32 indexed root, bytes packed);
    event Settled(uint48 indexed leaseId, uint32 indexed providerId, address indexed payout, uint128 paid);
    event NoticeGiven(uint48 indexed leaseId, uint32 indexed providerId, address indexed tenant, uint40 noticeEndsAt);
    event ManifestSet(uint48 indexed leaseId, uint32 indexed providerId, address indexed tenant, bytes32 manifestHash);
    /// `to` is the zero address when the tenant took the offer back.
    event TransferOffered(uint48 indexed leaseId, uint32 indexed providerId, address indexed tenant, address to);
    event LeaseTransferred(uint48 indexed leaseId, uint32 indexed providerId, address indexed tenant, address from);
    /// `paid` is what this close paid the provider, on top of earlier settlements. `penalty` is 0 until bonds exist.
    event LeaseClosed(
        uint48 indexed leaseId,
        uint32 indexed providerId,
        address indexed tenant,
        uint16 reason,
        uint128 paid,
        uint128 refund,
        uint128 penalty
    );
    /// A transfer failed; the amount waits for `claim`.
    event PaymentHeld(address indexed account, address indexed token, uint256 amount);
    event Claimed(address indexed account, address indexed token, uint256 amount);

    // ---------------------------------------------------------------- errors

    error UnknownProvider(uint32 providerId);
    error UnknownOffer(uint32 offerId);
    error UnknownLease(uint48 leaseId);
    error NotOwner(uint32 providerId, address caller);
    error NotOperator(uint32 providerId, address caller);
    error NotTenant(uint48 leaseId, address caller);
    error NotPendingTenant(uint48 leaseId, address caller);
    /// An operator serves one provider; `providerId` is the one it serves.
    error OperatorTaken(address operator, uint32 providerId);
    error InvalidOperator(address operator);
    error InvalidPayout(address payout);
    /// There is no contract at the address.
    error InvalidToken(address token);
    error InvalidPrice(uint88 pricePerHour);
    error InvalidWindow(uint24 maxWindow);
    error InvalidUnits(uint16 units);
    error InvalidAmount(uint128 amount);
    error InvalidTransferTarget(uint48 leaseId, address to);
    error CapacityBelowLeased(uint32 offerId, uint32 capacity, uint32 leased);
    error CapacityExceeded(uint32 offerId, uint16 units, uint32 free);
    error OfferClosed(uint32 offerId);
    /// `pricePerHour * units` does not fit 96 bits.
    error PriceTooHigh(uint32 offerId, uint16 units, uint256 pricePerHour);
    error DepositTooSmall(uint32 offerId, uint128 deposit, uint256 required);
    /// The token delivered another amount than it was asked for, as fee-on-transfer tokens do.
    error InexactDeposit(address token, uint256 expected, uint256 received);
    error SignatureExpired(uint256 deadline, uint256 timestamp);
    error InvalidSignature(address tenant);
    error LeaseNotActive(uint48 leaseId);
    error MalformedHeartbeat(uint256 length);
    /// A provider closes with a reason from 10000 to 19999.
    error InvalidReason(uint16 reason);
    /// Served, still funded, and the notice has not elapsed; `noticeEndsAt` is 0 when none was given.
    error CloseNotAllowed(uint48 leaseId, uint40 noticeEndsAt, uint40 runwaySeconds);
    error NotAbandoned(uint48 leaseId, uint256 abandonedAt);
    error NothingToClaim(address account, address token);

    // ---------------------------------------------------------------- providers

    /// @notice Makes the caller the owner of a new provider. The owner (cold) alone changes operator, payout and key;
    /// the operator (hot) publishes, heartbeats, gives notice and closes, and can't direct money anywhere.
    /// @param manifestKey X25519 public key that tenants seal manifests to (HPKE, RFC 9180).
    function register(address operator, address payout, bytes32 manifestKey) external returns (uint32 providerId);

    /// @notice Replaces the operator. The new one must serve no provider yet.
    function setOperator(uint32 providerId, address operator) external;

    /// @notice Ends the caller's service as operator, so that nobody can keep an address by naming it.
    function resignOperator() external;

    /// @notice Sends all later payments elsewhere; what is held for the old address stays its own.
    function setPayout(uint32 providerId, address payout) external;

    /// @notice Replaces the manifest key and counts `keyVersion` up.
    function setKey(uint32 providerId, bytes32 manifestKey) external;

    // ---------------------------------------------------------------- offers

    /// @notice Publishes an offer, or, when this provider has one of the same terms, sets that one's capacity and
    /// opens it again: repeating the call changes nothing. Owner or operator.
    function setOffer(uint32 providerId, OfferTerms calldata terms) external returns (uint32 offerId);

    /// @notice Sets the units for sale, never below what is leased, and whether new leases are taken. Owner or operator.
    function setCapacity(uint32 offerId, uint32 capacity, bool isOpen) external;

    // ---------------------------------------------------------------- leases: tenants

    /// @notice Leases `units` and deposits `deposit`, which must cover the offer's `minSeconds` (and one second).
    function open(uint32 offerId, uint16 units, uint128 deposit, bytes32 manifestHash) external returns (uint48 leaseId);

    /// @notice `open` with an ERC-2612 permit. A permit that fails is ignored, as anyone can spend it first; the
    /// allowance decides.
    function openWithPermit(
        uint32 offerId,
        uint16 units,
        uint128 deposit,
        bytes32 manifestHash,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint48 leaseId);

    /// @notice `open` for a tenant who signed the request (EIP-712; contracts by ERC-1271). Anyone may relay it.
    function openFor(OpenRequest calldata request, bytes calldata signature) external returns (uint48 leaseId);

    /// @notice Adds to a lease's deposit, by anyone.
    function topUp(uint48 leaseId, uint128 amount) external;

    /// @notice `topUp` with an ERC-2612 permit, ignored if it fails.
    function topUpWithPermit(uint48 leaseId, uint128 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Points the lease at another sealed manifest: keccak256 of its ciphertext.
    function setManifest(uint48 leaseId, bytes32 manifestHash) external;

    /// @notice Offers the lease, with its refund, to `to`, who must accept; the zero address takes the offer back.
    function transferLease(uint48 leaseId, address to) external;

    /// @notice Takes over a lease that was offered to the caller.
    function acceptLease(uint48 leaseId) external;

    /// @notice Ends the lease at once. The tenant pays what is billed, at least `minSeconds` once anything is, and gets
    /// back the rest. Always possible.
    function closeByTenant(uint48 leaseId) external;

    // ---------------------------------------------------------------- leases: providers

    /// @notice Credits served seconds. Each entry is credited `min(claimed, seconds since the last, maxWindow)`, and
    /// never past what is funded. Entries that are unknown, foreign or closed are skipped. Owner or operator.
    /// @param root Merkle root over detailed usage records.
    /// @param packed 9 bytes an entry, big-endian: lease id uint48, claimed seconds uint24.
    function heartbeat(uint32 providerId, bytes32 root, bytes calldata packed) external;

    /// @notice Starts the notice on each lease of the caller. The first notice stands; entries that are unknown,
    /// foreign, closed or already noticed are skipped. Owner or operator.
    function giveNotice(uint48[] calldata leaseIds) external;

    /// @notice Ends a lease (a) after its notice, (b) with no runway, or (c) when nothing was ever billed, which
    /// refunds everything. Owner or operator.
    /// @param reason 10000 to 19999: 10001 Unplaceable, 10002 NoticeElapsed, 10003 FundsExhausted, 10004 NeverServed,
    /// 10005 ManifestTimeout.
    function closeByProvider(uint48 leaseId, uint16 reason) external;

    // ---------------------------------------------------------------- anyone

    /// @notice Pays what each lease owes to its provider's payout address. Unknown ids and leases that owe nothing are
    /// skipped. A run of leases of one offer is one transfer: pass ids grouped by offer.
    function settle(uint48[] calldata leaseIds) external;

    /// @notice Ends a lease whose provider was silent for more than two windows; pays what is billed, refunds the rest.
    function closeAbandoned(uint48 leaseId) external;

    /// @notice Pays `account` what a failed transfer left behind. Anyone may call; only `account` is paid.
    function claim(address account, address token) external;

    // ---------------------------------------------------------------- views

    /// @notice The provider that an operator serves; 0 for none. Check its payout before working for it: an owner can
    /// name an operator that never agreed.
    function providerOf(address operator) external view returns (uint32 providerId);

    /// @notice What waits for `account` after failed transfers.
    function claimable(address account, address token) external view returns (uint256);

    /// @notice All the market owes in a token: unspent deposits and held payments. Its balance is never below.
    function liabilities(address token) external view returns (uint256);

    function providerCount() external view returns (uint32);

    function offerCount() external view returns (uint32);

    function leaseCount() external view returns (uint48);

    /// @notice Counts up with every write that concerns the provider, its offers or its leases: unchanged means that
    /// nothing need be read again. 0 for an unknown provider.
    function generation(uint32 providerId) external view returns (uint48);

    /// @notice One record of 110 bytes, big-endian, all zero if unknown. Fields with their [offset]:
    /// id u32 [0], owner 20 [4], operator 20 [24], payout 20 [44], manifestKey 32 [64], keyVersion u32 [96],
    /// generation u48 [100], active leases u32 [106].
    function providerPacked(uint32 providerId) external view returns (bytes memory);

    /// @notice One record of 89 bytes, big-endian, all zero if unknown. Fields with their [offset]:
    /// id u32 [0], providerId u32 [4], capacity u32 [8], leased u32 [12], maxWindow u24 [16], minSeconds u24 [19],
    /// noticeSeconds u24 [22], pricePerHour of a unit u88 [25], token 20 [36], isOpen u8 [56], specHash 32 [57].
    function offerPacked(uint32 offerId) external view returns (bytes memory);

    /// @notice Up to `n` offer records from index `cursor` on: of a provider, oldest first, or of all for provider 0.
    function offersPacked(uint32 providerId, uint256 cursor, uint256 n) external view returns (bytes memory);

    /// @notice Up to `n` ids (6 bytes each) of a provider's active leases from index `cursor` on. The order changes
    /// when a lease closes: read all pages at one block.
    function activeIds(uint32 providerId, uint256 cursor, uint256 n) external view returns (bytes memory);

    /// @notice One record of 158 bytes an id, big-endian, all zero if unknown. Fields with their [offset]:
    /// id u48 [0], providerId u32 [6], offerId u32 [10], units u16 [14], state u8 [16] (1 active, 2 closed),
    /// close reason u16 [17], lastBeat u40 [19] (opening until the first heartbeat), billed seconds u40 [24],
    /// funded seconds u40 [29], maxWindow u24 [34], noticeEndsAt u40 [37] (0 none), pricePerHour of all units u96 [42],
    /// deposit u128 [54], withdrawn u128 [70] (equals the deposit once closed), tenant 20 [86], pending tenant 20 [106],
    /// manifestHash 32 [126].
    function leasesPacked(uint48[] calldata leaseIds) external view returns (bytes memory);
}
