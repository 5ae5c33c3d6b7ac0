// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IComputeMarket, OfferTerms} from "../../src/IComputeMarket.sol";
import {LeaseRecord, OfferRecord, Records} from "../base/Records.sol";
import {Test} from "../base/Test.sol";
import {BlockingToken} from "../tokens/BlockingToken.sol";

/// A market with a few providers, tenants and tokens, and what an onlooker of it remembers.
abstract contract World is Test {
    uint32 internal constant PROVIDERS = 3;
    uint256 internal constant MAX_OFFERS = 10;
    uint32 internal constant MAX_CAPACITY = 64;
    uint256 internal constant MAX_LEASES = 24;
    uint256 internal constant WEALTH = 1e30;

    IComputeMarket public market;
    BlockingToken[2] public tokens;
    address[4] public tenants;
    address[4] public payouts;
    address internal stranger;

    // What was seen, by lease.
    mapping(uint48 leaseId => uint256) public openedAt;
    mapping(uint48 leaseId => uint256) public claimedSeconds;
    mapping(uint48 leaseId => bytes32) public recordAtClose;

    // What was seen, by provider.
    mapping(uint32 providerId => uint48) internal generationSeen;
    mapping(uint32 providerId => bytes32) internal stateSeen;

    constructor() {
        vm.warp(1_800_000_000);
        market = IComputeMarket(vm.deployCode("ComputeMarket.sol:ComputeMarket"));
        tokens = [new BlockingToken(), new BlockingToken()];
        tenants = [named("tenant 0"), named("tenant 1"), named("tenant 2"), named("tenant 3")];
        payouts = [named("payout 0"), named("payout 1"), named("payout 2"), named("payout 3")];
        stranger = named("stranger");
        for (uint256 i = 0; i < tenants.length; ++i) {
            for (uint256 j = 0; j < tokens.length; ++j) {
                tokens[j].mint(tenants[i], WEALTH);
                vm.prank(tenants[i]);
                tokens[j].approve(address(market), type(uint256).max);
            }
        }
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            vm.prank(ownerOf(id));
            market.register(named(string.concat("operator ", vm.toString(id))), payouts[id], 0);
            _publish(id, termsFrom(id));
        }
    }

    // ---------------------------------------------------------------- who and what

    /// One of the ids 1 to `count`.
    function pick(uint256 seed, uint256 count) internal pure returns (uint32) {
        return SafeCast.toUint32(seed % count + 1);
    }

    function ownerOf(uint32 providerId) internal returns (address) {
        return named(string.concat("owner ", vm.toString(providerId)));
    }

    function termsFrom(uint256 seed) internal view returns (OfferTerms memory) {
        return OfferTerms({
            token: address(tokens[seed % 2]),
            // Odd prices, so that hours do not divide evenly.
            pricePerHour: uint88(1 + (seed >> 8) % 1e12),
            // No less than any offer ever has leased: publishing the same terms again must work.
            capacity: MAX_CAPACITY,
            maxWindow: uint24(1 + (seed >> 24) % 14_400),
            minSeconds: uint24((seed >> 40) % 3600),
            noticeSeconds: uint24((seed >> 56) % 86_400),
            specHash: 0
        });
    }

    function lease(uint48 id) public view returns (LeaseRecord memory) {
        return Records.lease(market, id);
    }

    function offer(uint32 id) public view returns (OfferRecord memory) {
        return Records.offer(market, id);
    }

    function recordHash(uint48 id) public view returns (bytes32) {
        return keccak256(market.leasesPacked(list(id)));
    }

    /// Digest of all that the views tell of a provider.
    function stateOf(uint32 providerId) internal view returns (bytes32 digest) {
        digest = keccak256(
            bytes.concat(
                market.providerPacked(providerId),
                market.offersPacked(providerId, 0, MAX_OFFERS),
                market.activeIds(providerId, 0, MAX_LEASES)
            )
        );
        LeaseRecord[] memory leases = Records.leases(market);
        for (uint256 i = 0; i < leases.length; ++i) {
            if (leases[i].providerId == providerId) digest = keccak256(abi.encode(digest, leases[i]));
        }
    }

    function list(uint48 id) internal pure returns (uint48[] memory ids) {
        ids = new uint48[](1);
        ids[0] = id;
    }

    function anyLease(uint256 seed) internal view returns (uint48) {
        uint48 count = market.leaseCount();
        return count == 0 ? 0 : pick(seed, count);
    }

    // ---------------------------------------------------------------- remembering

    function _publish(uint32 providerId, OfferTerms memory terms) internal {
        vm.prank(ownerOf(providerId));
        market.setOffer(providerId, terms);
    }

    function _noteClose(uint48 id) internal {
        recordAtClose[id] = recordHash(id);
    }
}
