// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket, LeaseState} from "./IComputeMarket.sol";
import {MarketState} from "./MarketState.sol";
import {Packing} from "./Packing.sol";

/// @title The packed views
/// @dev Byte layouts are part of the interface: see IComputeMarket.
abstract contract MarketViews is MarketState {
    using Packing for bytes;

    /// @inheritdoc IComputeMarket
    function generation(uint32 providerId) external view returns (uint48) {
        return _providers[providerId].generation;
    }

    /// @inheritdoc IComputeMarket
    function providerPacked(uint32 providerId) external view returns (bytes memory out) {
        Provider storage provider = _providers[providerId];
        if (provider.owner == address(0)) return new bytes(Packing.PROVIDER_BYTES);
        return bytes.concat(
            abi.encodePacked(providerId, provider.owner, provider.operator, provider.payout, provider.manifestKey),
            abi.encodePacked(provider.keyVersion, provider.generation, provider.activeCount)
        );
    }

    /// @inheritdoc IComputeMarket
    function offerPacked(uint32 offerId) external view returns (bytes memory out) {
        out = new bytes(Packing.OFFER_BYTES);
        _putOffer(out, 0, offerId);
    }

    /// @inheritdoc IComputeMarket
    function offersPacked(uint32 providerId, uint256 cursor, uint256 n) external view returns (bytes memory out) {
        uint32[] storage own = _offerIds[providerId];
        uint256 count = Packing.page(cursor, n, providerId == 0 ? offerCount : own.length);
        out = new bytes(count * Packing.OFFER_BYTES);
        for (uint256 i = 0; i < count; ++i) {
            // forge-lint: disable-next-line(unsafe-typecast): below offerCount, a uint32
            uint32 offerId = providerId == 0 ? uint32(cursor + i + 1) : own[cursor + i];
            _putOffer(out, i * Packing.OFFER_BYTES, offerId);
        }
    }

    /// @inheritdoc IComputeMarket
    function activeIds(uint32 providerId, uint256 cursor, uint256 n) external view returns (bytes memory out) {
        uint256 count = Packing.page(cursor, n, _providers[providerId].activeCount);
        uint48[2 ** 24] storage active = _active[providerId];
        out = new bytes(count * Packing.ID_BYTES);
        for (uint256 i = 0; i < count; ++i) {
            out.put(i * Packing.ID_BYTES, abi.encodePacked(active[cursor + i]));
        }
    }

    /// @inheritdoc IComputeMarket
    function leasesPacked(uint48[] calldata leaseIds) external view returns (bytes memory out) {
        out = new bytes(leaseIds.length * Packing.LEASE_BYTES);
        for (uint256 i = 0; i < leaseIds.length; ++i) {
            _putLease(out, i * Packing.LEASE_BYTES, leaseIds[i]);
        }
    }

    function _putOffer(bytes memory out, uint256 offset, uint32 offerId) private view {
        Offer storage offer = _offers[offerId];
        if (offer.providerId == 0) return;
        out.put(offset, abi.encodePacked(offerId, offer.providerId, offer.capacity, offer.leased));
        out.put(
            offset + 16, abi.encodePacked(offer.maxWindow, offer.minSeconds, offer.noticeSeconds, offer.pricePerHour)
        );
        out.put(offset + 36, abi.encodePacked(offer.token, offer.isOpen, offer.specHash));
    }

    function _putLease(bytes memory out, uint256 offset, uint48 leaseId) private view {
        Lease storage lease = _leases[leaseId];
        if (lease.state == LeaseState.None) return;
        uint16 reason = lease.state == LeaseState.Closed ? uint16(lease.indexOrReason) : 0;
        out.put(offset, abi.encodePacked(leaseId, lease.providerId, lease.offerId, lease.units, lease.state, reason));
        out.put(
            offset + 19,
            abi.encodePacked(lease.lastBeat, lease.billed, lease.funded, lease.maxWindow, lease.noticeEndsAt)
        );
        out.put(offset + 42, abi.encodePacked(lease.pricePerHour, lease.deposit, lease.withdrawn));
        out.put(offset + 86, abi.encodePacked(lease.tenant, lease.pendingTenant, lease.manifestHash));
    }
}
