// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket} from "../../src/IComputeMarket.sol";

struct ProviderRecord {
    uint32 id;
    address owner;
    address operator;
    address payout;
    bytes32 manifestKey;
    uint32 keyVersion;
    uint48 generation;
    uint32 active;
}

struct OfferRecord {
    uint32 id;
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

struct LeaseRecord {
    uint48 id;
    uint32 providerId;
    uint32 offerId;
    uint16 units;
    uint8 state;
    uint16 reason;
    uint40 lastBeat;
    uint40 billed;
    uint40 funded;
    uint24 maxWindow;
    uint40 noticeEndsAt;
    uint96 pricePerHour;
    uint128 deposit;
    uint128 withdrawn;
    address tenant;
    address pendingTenant;
    bytes32 manifestHash;
}

/// Reads the packed views by the offsets that IComputeMarket documents.
library Records {
    uint256 internal constant OFFER_BYTES = 89;
    uint256 internal constant LEASE_BYTES = 158;

    function field(bytes memory data, uint256 offset, uint256 width) internal pure returns (uint256 value) {
        require(offset + width <= data.length, "record too short");
        assembly ("memory-safe") {
            value := shr(sub(256, mul(8, width)), mload(add(add(data, 32), offset)))
        }
    }

    function provider(IComputeMarket market, uint32 id) internal view returns (ProviderRecord memory) {
        bytes memory data = market.providerPacked(id);
        require(data.length == 110, "a provider record has 110 bytes");
        return ProviderRecord({
            id: uint32(field(data, 0, 4)),
            owner: address(uint160(field(data, 4, 20))),
            operator: address(uint160(field(data, 24, 20))),
            payout: address(uint160(field(data, 44, 20))),
            manifestKey: bytes32(field(data, 64, 32)),
            keyVersion: uint32(field(data, 96, 4)),
            generation: uint48(field(data, 100, 6)),
            active: uint32(field(data, 106, 4))
        });
    }

    function offer(IComputeMarket market, uint32 id) internal view returns (OfferRecord memory) {
        bytes memory data = market.offerPacked(id);
        require(data.length == OFFER_BYTES, "an offer record has 89 bytes");
        return offerAt(data, 0);
    }

    function offerAt(bytes memory data, uint256 from) internal pure returns (OfferRecord memory) {
        return OfferRecord({
            id: uint32(field(data, from, 4)),
            providerId: uint32(field(data, from + 4, 4)),
            capacity: uint32(field(data, from + 8, 4)),
            leased: uint32(field(data, from + 12, 4)),
            maxWindow: uint24(field(data, from + 16, 3)),
            minSeconds: uint24(field(data, from + 19, 3)),
            noticeSeconds: uint24(field(data, from + 22, 3)),
            pricePerHour: uint88(field(data, from + 25, 11)),
            token: address(uint160(field(data, from + 36, 20))),
            isOpen: field(data, from + 56, 1) == 1,
            specHash: bytes32(field(data, from + 57, 32))
        });
    }

    function lease(IComputeMarket market, uint48 id) internal view returns (LeaseRecord memory) {
        uint48[] memory ids = new uint48[](1);
        ids[0] = id;
        bytes memory data = market.leasesPacked(ids);
        require(data.length == LEASE_BYTES, "a lease record has 158 bytes");
        return leaseAt(data, 0);
    }

    function leases(IComputeMarket market) internal view returns (LeaseRecord[] memory all) {
        uint48[] memory ids = new uint48[](market.leaseCount());
        for (uint48 i = 0; i < ids.length; ++i) {
            ids[i] = i + 1;
        }
        bytes memory data = market.leasesPacked(ids);
        all = new LeaseRecord[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            all[i] = leaseAt(data, i * LEASE_BYTES);
        }
    }

    function leaseAt(bytes memory data, uint256 from) internal pure returns (LeaseRecord memory) {
        return LeaseRecord({
            id: uint48(field(data, from, 6)),
            providerId: uint32(field(data, from + 6, 4)),
            offerId: uint32(field(data, from + 10, 4)),
            units: uint16(field(data, from + 14, 2)),
            state: uint8(field(data, from + 16, 1)),
            reason: uint16(field(data, from + 17, 2)),
            lastBeat: uint40(field(data, from + 19, 5)),
            billed: uint40(field(data, from + 24, 5)),
            funded: uint40(field(data, from + 29, 5)),
            maxWindow: uint24(field(data, from + 34, 3)),
            noticeEndsAt: uint40(field(data, from + 37, 5)),
            pricePerHour: uint96(field(data, from + 42, 12)),
            deposit: uint128(field(data, from + 54, 16)),
            withdrawn: uint128(field(data, from + 70, 16)),
            tenant: address(uint160(field(data, from + 86, 20))),
            pendingTenant: address(uint160(field(data, from + 106, 20))),
            manifestHash: bytes32(field(data, from + 126, 32))
        });
    }
}
