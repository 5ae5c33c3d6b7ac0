// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket, LeaseState} from "./IComputeMarket.sol";

/// @title What the market remembers
/// @dev A blank line in a struct is a slot boundary. Bonds, quotes and arbiters have their room: flags beside
/// `activeCount` and `isOpen`, and mappings of their own.
abstract contract MarketState is IComputeMarket {
    struct Provider {
        address owner;
        uint48 generation;
        uint32 activeCount;

        address operator;
        uint32 keyVersion;

        address payout;

        bytes32 manifestKey;
    }

    struct Offer {
        uint32 providerId;
        uint32 capacity;
        uint32 leased;
        uint24 maxWindow;
        uint24 minSeconds;
        uint24 noticeSeconds;
        uint88 pricePerHour;

        address token;
        bool isOpen;

        bytes32 specHash;
    }

    struct Lease {
        // The only slot that a heartbeat touches.
        uint32 providerId;
        uint32 offerId;
        uint40 lastBeat;
        uint40 billed;
        uint40 funded;
        uint24 maxWindow;
        uint16 units;
        LeaseState state;
        // Index in `_active` while Active, close reason once Closed: a slot less to write at a close.
        uint24 indexOrReason;

        uint128 deposit;
        uint128 withdrawn;

        address tenant;
        uint96 pricePerHour;

        bytes32 manifestHash;

        // Written only by a notice or a transfer.
        address pendingTenant;
        uint40 noticeEndsAt;
    }

    uint32 public providerCount;
    uint32 public offerCount;
    uint48 public leaseCount;

    mapping(address operator => uint32) public providerOf;
    mapping(address account => mapping(address token => uint256)) public claimable;
    mapping(address token => uint256) public liabilities;

    mapping(uint32 providerId => Provider) internal _providers;
    mapping(uint32 offerId => Offer) internal _offers;
    mapping(uint48 leaseId => Lease) internal _leases;

    mapping(bytes32 termsKey => uint32) internal _offerOf;
    mapping(uint32 providerId => uint32[]) internal _offerIds;
    // Ids of active leases, five a slot. The length is `activeCount`, whose slot every write touches anyway.
    mapping(uint32 providerId => uint48[2 ** 24]) internal _active;

    /// @dev Tells watchers that something of this provider changed.
    function _touch(Provider storage provider) internal {
        provider.generation += 1;
    }

    function _activate(Provider storage provider, uint32 providerId, uint48 leaseId) internal returns (uint24 index) {
        // forge-lint: disable-next-line(unsafe-typecast): the array's own bound reverts first
        index = uint24(provider.activeCount);
        _active[providerId][provider.activeCount] = leaseId;
        provider.activeCount += 1;
    }

    /// @dev The last takes the place of the one that leaves; what lies past the end is overwritten by the next.
    function _deactivate(Provider storage provider, uint32 providerId, uint24 index) internal {
        uint48[2 ** 24] storage active = _active[providerId];
        uint32 last = provider.activeCount - 1;
        if (index != last) {
            uint48 moved = active[last];
            active[index] = moved;
            _leases[moved].indexOrReason = index;
        }
        provider.activeCount = last;
    }

    function _knownProvider(uint32 providerId) internal view returns (Provider storage provider) {
        provider = _providers[providerId];
        if (provider.owner == address(0)) revert UnknownProvider(providerId);
    }

    function _ownedProvider(uint32 providerId) internal view returns (Provider storage provider) {
        provider = _knownProvider(providerId);
        if (msg.sender != provider.owner) revert NotOwner(providerId, msg.sender);
    }

    function _operatedProvider(uint32 providerId) internal view returns (Provider storage provider) {
        provider = _knownProvider(providerId);
        if (!_operates(provider)) revert NotOperator(providerId, msg.sender);
    }

    function _operates(Provider storage provider) internal view returns (bool) {
        return msg.sender == provider.operator || msg.sender == provider.owner;
    }

    function _knownOffer(uint32 offerId) internal view returns (Offer storage offer) {
        offer = _offers[offerId];
        if (offer.providerId == 0) revert UnknownOffer(offerId);
    }

    function _activeLease(uint48 leaseId) internal view returns (Lease storage lease) {
        lease = _leases[leaseId];
        if (lease.state == LeaseState.None) revert UnknownLease(leaseId);
        if (lease.state != LeaseState.Active) revert LeaseNotActive(leaseId);
    }

    function _tenantLease(uint48 leaseId) internal view returns (Lease storage lease) {
        lease = _activeLease(leaseId);
        if (msg.sender != lease.tenant) revert NotTenant(leaseId, msg.sender);
    }
}
