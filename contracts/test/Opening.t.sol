// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket, OfferTerms} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";
import {LeaseRecord} from "./base/Records.sol";

contract OpeningTest is MarketTest {
    function test_OpeningTakesTheDepositAndTheUnits() public bumpsGeneration {
        uint256 before = token.balanceOf(tenant);
        vm.expectEmit(address(market));
        emit IComputeMarket.LeaseOpened(1, providerId, tenant, offerId, 3, DEPOSIT, MANIFEST);
        vm.prank(tenant);
        uint48 id = market.open(offerId, 3, DEPOSIT, MANIFEST);
        vm.assertEq(id, 1);
        vm.assertEq(market.leaseCount(), 1);
        vm.assertEq(before - token.balanceOf(tenant), DEPOSIT);
        vm.assertEq(token.balanceOf(address(market)), DEPOSIT);
        vm.assertEq(market.liabilities(address(token)), DEPOSIT);
        vm.assertEq(offerOf(offerId).leased, 3);
        vm.assertEq(providerRecord().active, 1);
        vm.assertEq(market.activeIds(providerId, 0, 10), abi.encodePacked(id));
    }

    function test_ALeaseKeepsWhatItWasOpenedWith() public {
        vm.prank(tenant);
        LeaseRecord memory lease = leaseOf(market.open(offerId, 3, DEPOSIT, MANIFEST));
        vm.assertEq(lease.id, 1);
        vm.assertEq(lease.providerId, providerId);
        vm.assertEq(lease.offerId, offerId);
        vm.assertEq(lease.units, 3);
        vm.assertEq(lease.state, 1);
        vm.assertEq(lease.reason, 0);
        vm.assertEq(lease.lastBeat, START);
        vm.assertEq(lease.billed, 0);
        vm.assertEq(lease.funded, 8 * 3600);
        vm.assertEq(lease.maxWindow, WINDOW);
        vm.assertEq(lease.noticeEndsAt, 0);
        vm.assertEq(lease.pricePerHour, 3 * HOUR_PRICE);
        vm.assertEq(lease.deposit, DEPOSIT);
        vm.assertEq(lease.withdrawn, 0);
        vm.assertEq(lease.tenant, tenant);
        vm.assertEq(lease.pendingTenant, address(0));
        vm.assertEq(lease.manifestHash, MANIFEST);
    }

    function test_ASaleBeyondTheCapacityReverts() public {
        vm.startPrank(tenant);
        market.open(offerId, 15, 15 * DEPOSIT, MANIFEST);
        expectRevert(abi.encodeWithSelector(IComputeMarket.CapacityExceeded.selector, offerId, uint16(2), uint32(1)));
        market.open(offerId, 2, DEPOSIT, MANIFEST);
        market.open(offerId, 1, DEPOSIT, MANIFEST);
        vm.assertEq(offerOf(offerId).leased, CAPACITY);
    }

    function test_AClosedOfferTakesNoLeaseButKeepsThoseItHas() public {
        uint48 id = openLease();
        vm.prank(operator);
        market.setCapacity(offerId, CAPACITY, false);
        expectRevert(abi.encodeWithSelector(IComputeMarket.OfferClosed.selector, offerId));
        vm.prank(tenant);
        market.open(offerId, 1, DEPOSIT, MANIFEST);
        serve(id, 3600);
        vm.assertEq(leaseOf(id).billed, 3600);
    }

    function test_NoUnitsIsNoLease() public {
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidUnits.selector, uint16(0)));
        vm.prank(tenant);
        market.open(offerId, 0, DEPOSIT, MANIFEST);
    }

    function test_ADepositCoversTheMinimum() public {
        uint128 least = HOUR_PRICE * MIN_SECONDS / 3600 + 1;
        vm.startPrank(tenant);
        expectRevert(
            abi.encodeWithSelector(IComputeMarket.DepositTooSmall.selector, offerId, least - 1, uint256(least))
        );
        market.open(offerId, 1, least - 1, MANIFEST);
        vm.assertEq(leaseOf(market.open(offerId, 1, least, MANIFEST)).funded, MIN_SECONDS);
    }

    function test_ADepositCoversASecondWhenThereIsNoMinimum() public {
        OfferTerms memory spot = terms();
        spot.minSeconds = 0;
        vm.prank(operator);
        uint32 id = market.setOffer(providerId, spot);
        vm.startPrank(tenant);
        expectRevert(abi.encodeWithSelector(IComputeMarket.DepositTooSmall.selector, id, uint128(0), uint256(695)));
        market.open(id, 1, 0, MANIFEST);
        vm.assertEq(leaseOf(market.open(id, 1, 695, MANIFEST)).funded, 1);
    }

    function test_AUnitPriceThatOverflowsIsNamed() public {
        OfferTerms memory dear = terms();
        dear.pricePerHour = type(uint88).max;
        dear.capacity = type(uint32).max;
        vm.prank(operator);
        uint32 id = market.setOffer(providerId, dear);
        uint256 price = uint256(type(uint88).max) * 257;
        expectRevert(abi.encodeWithSelector(IComputeMarket.PriceTooHigh.selector, id, uint16(257), price));
        vm.prank(tenant);
        market.open(id, 257, DEPOSIT, MANIFEST);
    }

    function test_AHugeDepositFundsAtMostTheCounter() public {
        OfferTerms memory cheap = terms();
        cheap.pricePerHour = 1;
        vm.prank(operator);
        uint32 id = market.setOffer(providerId, cheap);
        vm.prank(tenant);
        vm.assertEq(leaseOf(market.open(id, 1, 1e12, MANIFEST)).funded, type(uint40).max);
    }

    function test_WithoutAllowanceNothingOpens() public {
        token.mint(stranger, DEPOSIT);
        bytes4 refusal = bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)"));
        expectRevert(abi.encodeWithSelector(refusal, address(market), 0, DEPOSIT));
        vm.prank(stranger);
        market.open(offerId, 1, DEPOSIT, MANIFEST);
        vm.assertEq(market.leaseCount(), 0);
    }

    function test_AnyoneTopsUp() public bumpsGeneration {
        uint48 id = openLease();
        fund(stranger);
        vm.expectEmit(address(market));
        emit IComputeMarket.ToppedUp(id, providerId, stranger, HOUR_PRICE);
        vm.prank(stranger);
        market.topUp(id, HOUR_PRICE);
        vm.assertEq(leaseOf(id).deposit, DEPOSIT + HOUR_PRICE);
        vm.assertEq(leaseOf(id).funded, 25 * 3600);
        vm.assertEq(market.liabilities(address(token)), DEPOSIT + HOUR_PRICE);
    }

    function test_ATopUpThatAddsNothingOrComesTooLateReverts() public {
        uint48 id = openLease();
        vm.startPrank(tenant);
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidAmount.selector, uint128(0)));
        market.topUp(id, 0);
        expectRevert(abi.encodeWithSelector(IComputeMarket.UnknownLease.selector, uint48(7)));
        market.topUp(7, 1);
        market.closeByTenant(id);
        expectRevert(abi.encodeWithSelector(IComputeMarket.LeaseNotActive.selector, id));
        market.topUp(id, 1);
    }

    function test_SecondsPassedBeforeATopUpAreNotBilledAfterIt() public {
        vm.prank(tenant);
        uint48 id = market.open(offerId, 1, HOUR_PRICE, MANIFEST);
        serve(id, 7200);
        vm.assertEq(leaseOf(id).billed, 3600);
        vm.warp(block.timestamp + 7200);
        vm.prank(tenant);
        market.topUp(id, 10 * HOUR_PRICE);
        beat(id, 0);
        vm.assertEq(leaseOf(id).billed, 3600);
        serve(id, 60);
        vm.assertEq(leaseOf(id).billed, 3660);
    }

    function test_OnlyTheTenantPointsAtAManifest() public bumpsGeneration {
        uint48 id = openLease();
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotTenant.selector, id, operator));
        vm.prank(operator);
        market.setManifest(id, 0);
        vm.expectEmit(address(market));
        emit IComputeMarket.ManifestSet(id, providerId, tenant, keccak256("next"));
        vm.prank(tenant);
        market.setManifest(id, keccak256("next"));
        vm.assertEq(leaseOf(id).manifestHash, keccak256("next"));
    }
}
