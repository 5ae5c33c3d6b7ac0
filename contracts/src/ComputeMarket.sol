// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Billing} from "./Billing.sol";
import {IComputeMarket, LeaseState, OfferTerms, OpenRequest} from "./IComputeMarket.sol";
import {MarketState} from "./MarketState.sol";
import {MarketViews} from "./MarketViews.sol";
import {Packing} from "./Packing.sol";

/// @title ComputeMarket
/// @dev Rules and units: IComputeMarket. Every entry that moves tokens holds the guard and moves them last. Payments
/// out never revert a call: what a token refuses becomes claimable, so that no party can freeze another.
contract ComputeMarket is MarketViews, EIP712, Nonces, Multicall, ReentrancyGuardTransient {
    using Packing for bytes;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint16 private constant TENANT_CLOSED = 1;
    uint16 private constant PROVIDER_REASONS_FROM = 10000;
    uint16 private constant PROVIDER_REASONS_TO = 19999;
    uint16 private constant ABANDONED = 20001;

    bytes32 private constant OPEN_REQUEST_TYPEHASH = keccak256(
        "OpenRequest(uint32 offerId,uint16 units,uint128 deposit,bytes32 manifestHash,address tenant,uint256 nonce,uint256 deadline)"
    );

    /// A payment for consecutive leases of one offer, which share receiver and token.
    struct Payment {
        uint32 offerId;
        address to;
        address token;
        uint256 amount;
    }

    constructor() EIP712("ComputeMarket", "1") {}

    // ---------------------------------------------------------------- providers

    /// @inheritdoc IComputeMarket
    function register(address operator, address payout, bytes32 manifestKey) external returns (uint32 providerId) {
        providerId = ++providerCount;
        Provider storage provider = _providers[providerId];
        provider.owner = msg.sender;
        provider.manifestKey = manifestKey;
        provider.keyVersion = 1;
        _assignOperator(provider, providerId, operator);
        _assignPayout(provider, payout);
        _providerChanged(provider, providerId);
    }

    /// @inheritdoc IComputeMarket
    function setOperator(uint32 providerId, address operator) external {
        Provider storage provider = _ownedProvider(providerId);
        delete providerOf[provider.operator];
        _assignOperator(provider, providerId, operator);
        _providerChanged(provider, providerId);
    }

    /// @inheritdoc IComputeMarket
    function resignOperator() external {
        uint32 providerId = providerOf[msg.sender];
        if (providerId == 0) revert InvalidOperator(msg.sender);
        Provider storage provider = _providers[providerId];
        delete providerOf[msg.sender];
        provider.operator = address(0);
        _providerChanged(provider, providerId);
    }

    /// @inheritdoc IComputeMarket
    function setPayout(uint32 providerId, address payout) external {
        Provider storage provider = _ownedProvider(providerId);
        _assignPayout(provider, payout);
        _providerChanged(provider, providerId);
    }

    /// @inheritdoc IComputeMarket
    function setKey(uint32 providerId, bytes32 manifestKey) external {
        Provider storage provider = _ownedProvider(providerId);
        provider.manifestKey = manifestKey;
        provider.keyVersion += 1;
        _providerChanged(provider, providerId);
    }

    // ---------------------------------------------------------------- offers

    /// @inheritdoc IComputeMarket
    function setOffer(uint32 providerId, OfferTerms calldata terms) external returns (uint32 offerId) {
        _operatedProvider(providerId);
        bytes32 key = _termsKey(providerId, terms);
        offerId = _offerOf[key];
        if (offerId == 0) {
            offerId = _createOffer(providerId, terms);
            _offerOf[key] = offerId;
        }
        _setCapacity(offerId, terms.capacity, true);
    }

    /// @inheritdoc IComputeMarket
    function setCapacity(uint32 offerId, uint32 capacity, bool isOpen) external {
        _operatedProvider(_knownOffer(offerId).providerId);
        _setCapacity(offerId, capacity, isOpen);
    }

    // ---------------------------------------------------------------- leases: tenants

    /// @inheritdoc IComputeMarket
    function open(uint32 offerId, uint16 units, uint128 deposit, bytes32 manifestHash)
        external
        nonReentrant
        returns (uint48)
    {
        return _open(msg.sender, offerId, units, deposit, manifestHash);
    }

    /// @inheritdoc IComputeMarket
    function openWithPermit(
        uint32 offerId,
        uint16 units,
        uint128 deposit,
        bytes32 manifestHash,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint48) {
        _tryPermit(_knownOffer(offerId).token, deposit, deadline, v, r, s);
        return _open(msg.sender, offerId, units, deposit, manifestHash);
    }

    /// @inheritdoc IComputeMarket
    function openFor(OpenRequest calldata request, bytes calldata signature) external nonReentrant returns (uint48) {
        if (block.timestamp > request.deadline) revert SignatureExpired(request.deadline, block.timestamp);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(OPEN_REQUEST_TYPEHASH, request)));
        if (!SignatureChecker.isValidSignatureNow(request.tenant, digest, signature)) {
            revert InvalidSignature(request.tenant);
        }
        _useCheckedNonce(request.tenant, request.nonce);
        return _open(request.tenant, request.offerId, request.units, request.deposit, request.manifestHash);
    }

    /// @inheritdoc IComputeMarket
    function topUp(uint48 leaseId, uint128 amount) external nonReentrant {
        _topUp(leaseId, amount);
    }

    /// @inheritdoc IComputeMarket
    function topUpWithPermit(uint48 leaseId, uint128 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        _tryPermit(_offers[_activeLease(leaseId).offerId].token, amount, deadline, v, r, s);
        _topUp(leaseId, amount);
    }

    /// @inheritdoc IComputeMarket
    function setManifest(uint48 leaseId, bytes32 manifestHash) external {
        Lease storage lease = _tenantLease(leaseId);
        lease.manifestHash = manifestHash;
        _touch(_providers[lease.providerId]);
        emit ManifestSet(leaseId, lease.providerId, msg.sender, manifestHash);
    }

    /// @inheritdoc IComputeMarket
    function transferLease(uint48 leaseId, address to) external {
        Lease storage lease = _tenantLease(leaseId);
        if (to == msg.sender || to == address(this)) revert InvalidTransferTarget(leaseId, to);
        lease.pendingTenant = to;
        _touch(_providers[lease.providerId]);
        emit TransferOffered(leaseId, lease.providerId, msg.sender, to);
    }

    /// @inheritdoc IComputeMarket
    function acceptLease(uint48 leaseId) external {
        Lease storage lease = _activeLease(leaseId);
        if (msg.sender != lease.pendingTenant) revert NotPendingTenant(leaseId, msg.sender);
        address from = lease.tenant;
        lease.tenant = msg.sender;
        delete lease.pendingTenant;
        _touch(_providers[lease.providerId]);
        emit LeaseTransferred(leaseId, lease.providerId, msg.sender, from);
    }

    /// @inheritdoc IComputeMarket
    function closeByTenant(uint48 leaseId) external nonReentrant {
        Lease storage lease = _tenantLease(leaseId);
        if (lease.billed != 0) {
            // Funded, as every deposit covers the minimum.
            lease.billed = Billing.max(lease.billed, _offers[lease.offerId].minSeconds);
        }
        _close(leaseId, lease, TENANT_CLOSED);
    }

    // ---------------------------------------------------------------- leases: providers

    /// @inheritdoc IComputeMarket
    function heartbeat(uint32 providerId, bytes32 root, bytes calldata packed) external {
        Provider storage provider = _operatedProvider(providerId);
        if (packed.length % Packing.BEAT_BYTES != 0) revert MalformedHeartbeat(packed.length);
        for (uint256 offset = 0; offset < packed.length; offset += Packing.BEAT_BYTES) {
            (uint48 leaseId, uint24 claimed) = packed.beatAt(offset);
            Lease storage lease = _leases[leaseId];
            if (lease.state == LeaseState.Active && lease.providerId == providerId) _credit(lease, claimed);
        }
        _touch(provider);
        emit Heartbeat(providerId, root, packed);
    }

    /// @inheritdoc IComputeMarket
    function giveNotice(uint48[] calldata leaseIds) external {
        for (uint256 i = 0; i < leaseIds.length; ++i) {
            Lease storage lease = _leases[leaseIds[i]];
            Provider storage provider = _providers[lease.providerId];
            if (lease.state != LeaseState.Active || lease.noticeEndsAt != 0 || !_operates(provider)) continue;
            uint40 endsAt = _now() + _offers[lease.offerId].noticeSeconds;
            lease.noticeEndsAt = endsAt;
            _touch(provider);
            emit NoticeGiven(leaseIds[i], lease.providerId, lease.tenant, endsAt);
        }
    }

    /// @inheritdoc IComputeMarket
    function closeByProvider(uint48 leaseId, uint16 reason) external nonReentrant {
        Lease storage lease = _activeLease(leaseId);
        _operatedProvider(lease.providerId);
        if (reason < PROVIDER_REASONS_FROM || reason > PROVIDER_REASONS_TO) revert InvalidReason(reason);
        uint40 noticeEndsAt = lease.noticeEndsAt;
        bool isNoticeOver = noticeEndsAt != 0 && block.timestamp >= noticeEndsAt;
        uint40 runway = lease.funded - lease.billed;
        if (lease.billed != 0 && runway != 0 && !isNoticeOver) revert CloseNotAllowed(leaseId, noticeEndsAt, runway);
        _close(leaseId, lease, reason);
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IComputeMarket
    function settle(uint48[] calldata leaseIds) external nonReentrant {
        Payment memory payment;
        for (uint256 i = 0; i < leaseIds.length; ++i) {
            Lease storage lease = _leases[leaseIds[i]];
            if (lease.state != LeaseState.Active) continue;
            uint128 paid = _owed(lease);
            if (paid == 0) continue;
            lease.withdrawn += paid;
            uint32 offerId = lease.offerId;
            uint32 providerId = lease.providerId;
            if (payment.offerId != offerId) {
                _pay(payment.token, payment.to, payment.amount);
                Provider storage provider = _providers[providerId];
                _touch(provider);
                payment = Payment(offerId, provider.payout, _offers[offerId].token, 0);
            }
            payment.amount += paid;
            emit Settled(leaseIds[i], providerId, payment.to, paid);
        }
        _pay(payment.token, payment.to, payment.amount);
    }

    /// @inheritdoc IComputeMarket
    function closeAbandoned(uint48 leaseId) external nonReentrant {
        Lease storage lease = _activeLease(leaseId);
        uint256 abandonedAt = uint256(lease.lastBeat) + 2 * uint256(lease.maxWindow) + 1;
        if (block.timestamp < abandonedAt) revert NotAbandoned(leaseId, abandonedAt);
        _close(leaseId, lease, ABANDONED);
    }

    /// @inheritdoc IComputeMarket
    function claim(address account, address token) external nonReentrant {
        uint256 amount = claimable[account][token];
        if (amount == 0) revert NothingToClaim(account, token);
        delete claimable[account][token];
        liabilities[token] -= amount;
        emit Claimed(account, token, amount);
        IERC20(token).safeTransfer(account, amount);
    }

    // ---------------------------------------------------------------- inside

    function _assignOperator(Provider storage provider, uint32 providerId, address operator) private {
        if (operator == address(0)) revert InvalidOperator(operator);
        if (providerOf[operator] != 0) revert OperatorTaken(operator, providerOf[operator]);
        provider.operator = operator;
        providerOf[operator] = providerId;
    }

    function _assignPayout(Provider storage provider, address payout) private {
        if (payout == address(0) || payout == address(this)) revert InvalidPayout(payout);
        provider.payout = payout;
    }

    function _providerChanged(Provider storage provider, uint32 providerId) private {
        _touch(provider);
        emit ProviderUpdated(
            providerId, provider.owner, provider.operator, provider.payout, provider.manifestKey, provider.keyVersion
        );
    }

    /// @dev All that makes an offer another offer: everything but its capacity.
    function _termsKey(uint32 providerId, OfferTerms memory terms) private pure returns (bytes32) {
        terms.capacity = 0;
        return keccak256(abi.encode(providerId, terms));
    }

    function _createOffer(uint32 providerId, OfferTerms calldata terms) private returns (uint32 offerId) {
        if (terms.token.code.length == 0) revert InvalidToken(terms.token);
        if (terms.pricePerHour == 0) revert InvalidPrice(terms.pricePerHour);
        if (terms.maxWindow == 0) revert InvalidWindow(terms.maxWindow);
        offerId = ++offerCount;
        _offerIds[providerId].push(offerId);
        _offers[offerId] = Offer({
            providerId: providerId,
            capacity: terms.capacity,
            leased: 0,
            maxWindow: terms.maxWindow,
            minSeconds: terms.minSeconds,
            noticeSeconds: terms.noticeSeconds,
            pricePerHour: terms.pricePerHour,
            token: terms.token,
            isOpen: true,
            specHash: terms.specHash
        });
    }

    function _setCapacity(uint32 offerId, uint32 capacity, bool isOpen) private {
        Offer storage offer = _offers[offerId];
        if (capacity < offer.leased) revert CapacityBelowLeased(offerId, capacity, offer.leased);
        offer.capacity = capacity;
        offer.isOpen = isOpen;
        _touch(_providers[offer.providerId]);
        OfferTerms memory terms = OfferTerms({
            token: offer.token,
            pricePerHour: offer.pricePerHour,
            capacity: capacity,
            maxWindow: offer.maxWindow,
            minSeconds: offer.minSeconds,
            noticeSeconds: offer.noticeSeconds,
            specHash: offer.specHash
        });
        emit OfferSet(offerId, offer.providerId, terms, isOpen);
    }

    function _open(address tenant, uint32 offerId, uint16 units, uint128 deposit, bytes32 manifestHash)
        private
        returns (uint48 leaseId)
    {
        Offer storage offer = _knownOffer(offerId);
        if (!offer.isOpen) revert OfferClosed(offerId);
        if (units == 0) revert InvalidUnits(units);
        if (units > offer.capacity - offer.leased) {
            revert CapacityExceeded(offerId, units, offer.capacity - offer.leased);
        }
        uint96 price = _priceOf(offerId, offer, units);
        uint40 funded = Billing.funded(deposit, price);
        uint40 least = Billing.max(offer.minSeconds, 1);
        if (funded < least) revert DepositTooSmall(offerId, deposit, Billing.depositFor(price, least));

        offer.leased += units;
        leaseId = ++leaseCount;
        Provider storage provider = _providers[offer.providerId];
        _touch(provider);
        _leases[leaseId] = Lease({
            providerId: offer.providerId,
            offerId: offerId,
            lastBeat: _now(),
            billed: 0,
            funded: funded,
            maxWindow: offer.maxWindow,
            units: units,
            state: LeaseState.Active,
            indexOrReason: _activate(provider, offer.providerId, leaseId),
            deposit: deposit,
            withdrawn: 0,
            tenant: tenant,
            pricePerHour: price,
            manifestHash: manifestHash,
            pendingTenant: address(0),
            noticeEndsAt: 0
        });
        emit LeaseOpened(leaseId, offer.providerId, tenant, offerId, units, deposit, manifestHash);
        _collect(offer.token, tenant, deposit);
    }

    function _priceOf(uint32 offerId, Offer storage offer, uint16 units) private view returns (uint96) {
        uint256 price = uint256(offer.pricePerHour) * units;
        if (price > type(uint96).max) revert PriceTooHigh(offerId, units, price);
        return price.toUint96();
    }

    function _topUp(uint48 leaseId, uint128 amount) private {
        Lease storage lease = _activeLease(leaseId);
        if (amount == 0) revert InvalidAmount(amount);
        uint128 deposit = (uint256(lease.deposit) + amount).toUint128();
        lease.deposit = deposit;
        lease.funded = Billing.funded(deposit, lease.pricePerHour);
        _touch(_providers[lease.providerId]);
        emit ToppedUp(leaseId, lease.providerId, msg.sender, amount);
        _collect(_offers[lease.offerId].token, msg.sender, amount);
    }

    function _credit(Lease storage lease, uint24 claimed) private {
        uint40 billed = lease.billed;
        uint40 elapsed = _now() - lease.lastBeat;
        lease.billed = billed + Billing.credit(claimed, elapsed, lease.maxWindow, lease.funded - billed);
        lease.lastBeat = _now();
    }

    function _owed(Lease storage lease) private view returns (uint128) {
        return Billing.cost(lease.pricePerHour, lease.billed) - lease.withdrawn;
    }

    /// @dev Pays the provider for what is billed and the tenant the rest. Authority was checked by the caller.
    function _close(uint48 leaseId, Lease storage lease, uint16 reason) private {
        uint128 paid = _owed(lease);
        uint128 deposit = lease.deposit;
        uint128 refund = deposit - lease.withdrawn - paid;
        lease.withdrawn = deposit;

        uint32 providerId = lease.providerId;
        Provider storage provider = _providers[providerId];
        Offer storage offer = _offers[lease.offerId];
        offer.leased -= lease.units;
        _deactivate(provider, providerId, lease.indexOrReason);
        _touch(provider);
        lease.state = LeaseState.Closed;
        lease.indexOrReason = reason;

        address tenant = lease.tenant;
        address token = offer.token;
        emit LeaseClosed(leaseId, providerId, tenant, reason, paid, refund, 0);
        _pay(token, provider.payout, paid);
        _pay(token, tenant, refund);
    }

    /// @dev Crediting what arrived instead would make `funded` depend on the token's fee.
    function _collect(address token, address from, uint128 amount) private {
        liabilities[token] += amount;
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(from, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert InexactDeposit(token, amount, received);
    }

    /// @dev Never reverts for what the token does.
    function _pay(address token, address to, uint256 amount) private {
        if (amount == 0) return;
        if (IERC20(token).trySafeTransfer(to, amount)) {
            liabilities[token] -= amount;
        } else {
            claimable[to][token] += amount;
            emit PaymentHeld(to, token, amount);
        }
    }

    function _tryPermit(address token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
    }

    function _now() private view returns (uint40) {
        // forge-lint: disable-next-line(unsafe-typecast): good for 34,000 years
        return uint40(block.timestamp);
    }
}
