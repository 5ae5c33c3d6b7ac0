// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OfferTerms} from "../../src/IComputeMarket.sol";
import {LeaseRecord, OfferRecord, Records} from "../base/Records.sol";
import {World} from "./World.sol";

/// All that people can do to the market, in any order. Nothing here may revert: where a call must be refused, that is
/// asserted.
contract Handler is World {
    // ---------------------------------------------------------------- providers

    function publish(uint256 seed) external {
        uint32 providerId = pick(seed, PROVIDERS);
        if (market.offerCount() < MAX_OFFERS) _publish(providerId, termsFrom(seed));
    }

    function setCapacity(uint256 seed, uint32 capacity, bool isOpen) external {
        uint32 id = pick(seed, market.offerCount());
        OfferRecord memory before = offer(id);
        capacity = uint32(bound(capacity, 0, MAX_CAPACITY));
        vm.prank(ownerOf(before.providerId));
        try market.setCapacity(id, capacity, isOpen || seed % 4 != 0) {
            vm.assertGe(capacity, before.leased);
        } catch {
            vm.assertLt(capacity, before.leased);
        }
    }

    function setPayout(uint256 seed) external {
        uint32 providerId = pick(seed, PROVIDERS);
        vm.prank(ownerOf(providerId));
        market.setPayout(providerId, payouts[(seed >> 8) % payouts.length]);
    }

    /// A batch for one provider, with ids of others, closed and unknown ones among them.
    function heartbeat(uint256 seed, uint24 claimed) external {
        uint32 providerId = pick(seed, PROVIDERS);
        LeaseRecord[] memory before = Records.leases(market);
        bytes memory packed = abi.encodePacked(uint48(before.length + 1), claimed);
        for (uint256 i = (seed >> 8) % 4; i < before.length; i += 1 + (seed >> 16) % 3) {
            uint48 id = before[i].id;
            uint24 secs = uint24(bound(uint256(keccak256(abi.encode(seed, id))), 0, claimed));
            packed = bytes.concat(packed, abi.encodePacked(id, secs));
            if (before[i].providerId == providerId) claimedSeconds[id] += secs;
        }
        vm.prank(ownerOf(providerId));
        market.heartbeat(providerId, bytes32(seed), packed);
        LeaseRecord[] memory beaten = Records.leases(market);
        for (uint256 i = 0; i < before.length; ++i) {
            vm.assertGe(beaten[i].lastBeat, before[i].lastBeat, "lastBeat ran backwards");
            vm.assertGe(beaten[i].billed, before[i].billed, "billed ran backwards");
        }
    }

    function giveNotice(uint256 seed) external {
        uint48 id = anyLease(seed);
        if (id == 0) return;
        LeaseRecord memory before = lease(id);
        vm.prank(ownerOf(before.providerId));
        market.giveNotice(list(id));
        if (before.noticeEndsAt != 0) vm.assertEq(lease(id).noticeEndsAt, before.noticeEndsAt);
    }

    /// A provider tries to close whatever it likes; it must work exactly when one of the three grounds is given.
    function closeByProvider(uint256 seed) external {
        uint48 id = anyLease(seed);
        if (id == 0) return;
        LeaseRecord memory before = lease(id);
        bool isNoticeOver = before.noticeEndsAt != 0 && before.noticeEndsAt <= block.timestamp;
        bool mayClose = before.state == 1 && (before.billed == 0 || before.billed == before.funded || isNoticeOver);
        vm.prank(ownerOf(before.providerId));
        try market.closeByProvider(id, 10002) {
            vm.assertTrue(mayClose, "a provider closed a served, funded lease without notice");
            _noteClose(id);
        } catch {
            vm.assertFalse(mayClose);
        }
    }

    // ---------------------------------------------------------------- tenants

    function open(uint256 seed, uint16 units, uint128 deposit) external {
        if (market.leaseCount() >= MAX_LEASES) return;
        uint32 offerId = pick(seed, market.offerCount());
        OfferRecord memory terms = offer(offerId);
        uint32 free = terms.capacity - terms.leased;
        if (!terms.isOpen || free == 0) return;
        units = uint16(bound(units, 1, free));
        uint256 hourly = uint256(terms.pricePerHour) * units;
        uint256 least = (hourly * (terms.minSeconds + 1)) / 3600 + 1;
        vm.prank(tenants[(seed >> 8) % tenants.length]);
        uint48 id = market.open(offerId, units, uint128(bound(deposit, least, least + 4 * hourly)), bytes32(seed));
        openedAt[id] = block.timestamp;
    }

    function topUp(uint256 seed, uint128 amount) external {
        uint48 id = anyLease(seed);
        if (id == 0 || lease(id).state != 1) return;
        vm.prank(tenants[(seed >> 8) % tenants.length]);
        market.topUp(id, uint128(bound(amount, 1, 1e15)));
    }

    function closeByTenant(uint256 seed) external {
        uint48 id = anyLease(seed);
        if (id == 0 || lease(id).state != 1) return;
        vm.prank(lease(id).tenant);
        market.closeByTenant(id);
        _noteClose(id);
    }

    function transfer(uint256 seed) external {
        uint48 id = anyLease(seed);
        if (id == 0 || lease(id).state != 1) return;
        address from = lease(id).tenant;
        address to = tenants[(seed >> 8) % tenants.length];
        if (from == to) return;
        vm.prank(from);
        market.transferLease(id, to);
        vm.prank(to);
        market.acceptLease(id);
    }

    function setManifest(uint256 seed) external {
        uint48 id = anyLease(seed);
        if (id == 0 || lease(id).state != 1) return;
        vm.prank(lease(id).tenant);
        market.setManifest(id, bytes32(seed));
    }

    // ---------------------------------------------------------------- anyone

    function wait(uint24 secs) external {
        vm.warp(block.timestamp + bound(secs, 1, 20_000));
    }

    function settle(uint256 seed) external {
        uint48[] memory ids = new uint48[](1 + (seed >> 8) % 8);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = anyLease(uint256(keccak256(abi.encode(seed, i))));
        }
        vm.prank(stranger);
        market.settle(ids);
    }

    function closeAbandoned(uint256 seed) external {
        uint48 id = anyLease(seed);
        if (id == 0) return;
        LeaseRecord memory before = lease(id);
        bool mayClose = before.state == 1 && block.timestamp > uint256(before.lastBeat) + 2 * uint256(before.maxWindow);
        vm.prank(stranger);
        try market.closeAbandoned(id) {
            vm.assertTrue(mayClose, "closed a lease that was not abandoned");
            _noteClose(id);
        } catch {
            vm.assertFalse(mayClose);
        }
    }

    /// The tokens' issuer blocks and unblocks receivers.
    function block_(uint256 seed, bool blocked) external {
        address account = payouts[seed % payouts.length];
        tokens[(seed >> 8) % 2].setBlocked(account, blocked);
    }

    function claim(uint256 seed) external {
        address account = payouts[seed % payouts.length];
        uint256 which = (seed >> 8) % 2;
        address token = address(tokens[which]);
        bool mayClaim = market.claimable(account, token) != 0 && !tokens[which].isBlocked(account);
        try market.claim(account, token) {
            vm.assertTrue(mayClaim);
        } catch {
            vm.assertFalse(mayClaim);
        }
    }

    /// An operator polls `generation` and reads the rest only when it moved: nothing may have changed while it stood.
    function poll(uint256 seed) external {
        uint32 providerId = pick(seed, PROVIDERS);
        uint48 generation = market.generation(providerId);
        bytes32 digest = stateOf(providerId);
        if (generation == generationSeen[providerId]) {
            vm.assertEq(digest, stateSeen[providerId]);
        }
        vm.assertGe(generation, generationSeen[providerId], "generation ran backwards");
        generationSeen[providerId] = generation;
        stateSeen[providerId] = digest;
    }

    function donate(uint256 seed) external {
        tokens[seed % 2].mint(address(market), seed % 1e9);
    }

    /// A stranger tries everything that takes a right.
    function intrude(uint256 seed) external {
        uint32 providerId = pick(seed, PROVIDERS);
        uint48 id = anyLease(seed);
        OfferTerms memory terms = termsFrom(seed);
        bytes[11] memory calls = [
            abi.encodeCall(market.setOperator, (providerId, stranger)),
            abi.encodeCall(market.setPayout, (providerId, stranger)),
            abi.encodeCall(market.setKey, (providerId, 0)),
            abi.encodeCall(market.setOffer, (providerId, terms)),
            abi.encodeCall(market.setCapacity, (1, 1000, true)),
            abi.encodeCall(market.heartbeat, (providerId, 0, "")),
            abi.encodeCall(market.closeByProvider, (id, 10001)),
            abi.encodeCall(market.closeByTenant, (id)),
            abi.encodeCall(market.setManifest, (id, 0)),
            abi.encodeCall(market.transferLease, (id, stranger)),
            abi.encodeCall(market.acceptLease, (id))
        ];
        vm.prank(stranger);
        (bool ok,) = address(market).call(calls[(seed >> 8) % calls.length]);
        vm.assertFalse(ok);
    }
}
