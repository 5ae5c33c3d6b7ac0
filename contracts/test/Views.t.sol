// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OfferTerms} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";
import {Records} from "./base/Records.sol";

contract ViewsTest is MarketTest {
    uint32 private other;

    /// Offers 1, 3 and 4 belong to the first provider, 2 to another.
    function setUp() public override {
        super.setUp();
        vm.startPrank(stranger);
        other = market.register(stranger, stranger, 0);
        market.setOffer(other, terms());
        vm.stopPrank();
        OfferTerms memory more = terms();
        vm.startPrank(operator);
        more.pricePerHour = 3;
        market.setOffer(providerId, more);
        more.pricePerHour = 4;
        market.setOffer(providerId, more);
        vm.stopPrank();
    }

    function offersIn(bytes memory page) private pure returns (string memory text) {
        for (uint256 i = 0; i < page.length; i += Records.OFFER_BYTES) {
            text = string.concat(text, string(abi.encodePacked(uint8(48 + Records.offerAt(page, i).id))));
        }
    }

    function test_AProvidersOffersComeOldestFirst() public view {
        vm.assertEq(bytes(offersIn(market.offersPacked(providerId, 0, 10))), "134");
        vm.assertEq(bytes(offersIn(market.offersPacked(other, 0, 10))), "2");
    }

    function test_ProviderZeroMeansAllOffers() public view {
        vm.assertEq(bytes(offersIn(market.offersPacked(0, 0, 10))), "1234");
        vm.assertEq(bytes(offersIn(market.offersPacked(0, 1, 2))), "23");
    }

    function test_PagesEndWhereTheListEnds() public view {
        vm.assertEq(bytes(offersIn(market.offersPacked(providerId, 1, 1))), "3");
        vm.assertEq(bytes(offersIn(market.offersPacked(providerId, 2, type(uint256).max))), "4");
        vm.assertEq(market.offersPacked(providerId, 3, 1).length, 0);
        vm.assertEq(market.offersPacked(providerId, type(uint256).max, type(uint256).max).length, 0);
        vm.assertEq(market.offersPacked(77, 0, 9).length, 0);
        vm.assertEq(market.activeIds(77, 0, 9).length, 0);
    }

    function test_ActiveIdsComeInPages() public {
        for (uint256 i = 0; i < 13; ++i) {
            openLease();
        }
        bytes memory paged = bytes.concat(
            market.activeIds(providerId, 0, 5), market.activeIds(providerId, 5, 5), market.activeIds(providerId, 10, 5)
        );
        vm.assertEq(paged, market.activeIds(providerId, 0, 100));
        for (uint48 i = 0; i < 13; ++i) {
            vm.assertEq(Records.field(paged, i * 6, 6), i + 1);
        }
    }

    function test_LeasesComeInTheOrderAskedForAndUnknownOnesAreZero() public {
        openLease();
        openLease();
        uint48[] memory ids = new uint48[](3);
        ids[0] = 2;
        ids[1] = 9;
        ids[2] = 1;
        bytes memory page = market.leasesPacked(ids);
        vm.assertEq(page.length, 3 * Records.LEASE_BYTES);
        vm.assertEq(Records.leaseAt(page, 0).id, 2);
        vm.assertEq(Records.leaseAt(page, 2 * Records.LEASE_BYTES).id, 1);
        for (uint256 i = 0; i < Records.LEASE_BYTES; ++i) {
            vm.assertEq(Records.field(page, Records.LEASE_BYTES + i, 1), 0);
        }
        vm.assertEq(market.leasesPacked(new uint48[](0)).length, 0);
    }

    /// One write after another; each must show.
    function test_EveryWriteIsSeenInTheGeneration() public {
        uint48 id = openLease();
        vm.warp(START + 60);
        bytes memory beat = abi.encodePacked(id, uint24(60));
        as_(owner, abi.encodeCall(market.setKey, (providerId, "k")));
        as_(owner, abi.encodeCall(market.setPayout, (providerId, stranger)));
        as_(owner, abi.encodeCall(market.setOperator, (providerId, named("next"))));
        as_(named("next"), abi.encodeCall(market.resignOperator, ()));
        as_(owner, abi.encodeCall(market.setOffer, (providerId, terms())));
        as_(owner, abi.encodeCall(market.setCapacity, (offerId, 9, true)));
        as_(tenant, abi.encodeCall(market.open, (offerId, 1, DEPOSIT, MANIFEST)));
        as_(tenant, abi.encodeCall(market.topUp, (id, 1)));
        as_(tenant, abi.encodeCall(market.setManifest, (id, 0)));
        as_(tenant, abi.encodeCall(market.transferLease, (id, payout)));
        as_(payout, abi.encodeCall(market.acceptLease, (id)));
        as_(owner, abi.encodeCall(market.heartbeat, (providerId, ROOT, beat)));
        as_(owner, abi.encodeCall(market.giveNotice, (only(id))));
        as_(stranger, abi.encodeCall(market.settle, (only(id))));
        as_(payout, abi.encodeCall(market.closeByTenant, (id)));
    }

    function as_(address caller, bytes memory write) private {
        uint48 before = market.generation(providerId);
        vm.prank(caller);
        (bool ok,) = address(market).call(write);
        vm.assertTrue(ok);
        vm.assertEq(market.generation(providerId), before + 1);
    }

    function test_GenerationCountsOnlyThisProvidersWrites() public {
        uint48 before = market.generation(other);
        uint48 id = openLease();
        serve(id, 60);
        settleOne(id);
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.assertEq(market.generation(other), before);
    }

    function test_MixedBatchesAreOneCall() public {
        uint48 id = openLease();
        vm.warp(START + 3600);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(market.heartbeat, (providerId, ROOT, abi.encodePacked(id, uint24(3600))));
        calls[1] = abi.encodeCall(market.settle, (only(id)));
        calls[2] = abi.encodeCall(market.setCapacity, (offerId, 8, false));
        vm.prank(operator);
        market.multicall(calls);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(offerOf(offerId).capacity, 8);
    }

    function test_ABatchKeepsItsSendersRights() public {
        uint48 id = openLease();
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(market.closeByTenant, (id));
        expectRevert(abi.encodeWithSelector(bytes4(keccak256("NotTenant(uint48,address)")), id, stranger));
        vm.prank(stranger);
        market.multicall(calls);
    }
}
