// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket, OfferTerms} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";
import {OfferRecord} from "./base/Records.sol";

contract OffersTest is MarketTest {
    function test_AnOfferKeepsItsTerms() public view {
        OfferRecord memory record = offerOf(offerId);
        vm.assertEq(record.id, offerId);
        vm.assertEq(record.providerId, providerId);
        vm.assertEq(record.capacity, CAPACITY);
        vm.assertEq(record.leased, 0);
        vm.assertEq(record.maxWindow, WINDOW);
        vm.assertEq(record.minSeconds, MIN_SECONDS);
        vm.assertEq(record.noticeSeconds, NOTICE);
        vm.assertEq(record.pricePerHour, HOUR_PRICE);
        vm.assertEq(record.token, address(token));
        vm.assertTrue(record.isOpen);
        vm.assertEq(record.specHash, keccak256("H100"));
    }

    function test_PublishingTellsItsTerms() public {
        OfferTerms memory other = terms();
        other.pricePerHour = 7;
        vm.expectEmit(address(market));
        emit IComputeMarket.OfferSet(2, providerId, other, true);
        vm.prank(owner);
        vm.assertEq(market.setOffer(providerId, other), 2);
        vm.assertEq(market.offerCount(), 2);
    }

    function test_TheSameTermsAreTheSameOffer() public bumpsGeneration {
        OfferTerms memory more = terms();
        more.capacity = 99;
        vm.startPrank(operator);
        market.setCapacity(offerId, 0, false);
        vm.assertEq(market.setOffer(providerId, more), offerId);
        vm.assertEq(market.offerCount(), 1);
        vm.assertEq(offerOf(offerId).capacity, 99);
        vm.assertTrue(offerOf(offerId).isOpen);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_AnyOtherTermIsAnotherOffer(uint8 which) public {
        OfferTerms memory other = terms();
        which = uint8(bound(which, 0, 5));
        if (which == 0) other.pricePerHour += 1;
        if (which == 1) other.maxWindow += 1;
        if (which == 2) other.minSeconds += 1;
        if (which == 3) other.noticeSeconds += 1;
        if (which == 4) other.specHash = keccak256("A100");
        if (which == 5) other.token = address(market);
        vm.startPrank(operator);
        uint32 second = market.setOffer(providerId, other);
        vm.assertEq(second, 2);
        vm.assertEq(market.setOffer(providerId, other), second);
    }

    function test_TwoProvidersNeverShareAnOffer() public {
        vm.startPrank(stranger);
        uint32 other = market.register(stranger, stranger, 0);
        vm.assertEq(market.setOffer(other, terms()), 2);
    }

    function test_OnlyOwnerAndOperatorPublish() public {
        bytes memory refusal = abi.encodeWithSelector(IComputeMarket.NotOperator.selector, providerId, stranger);
        vm.startPrank(stranger);
        expectRevert(refusal);
        market.setOffer(providerId, terms());
        expectRevert(refusal);
        market.setCapacity(offerId, 1, true);
        vm.stopPrank();
        vm.prank(owner);
        market.setCapacity(offerId, 1, true);
        vm.prank(operator);
        market.setCapacity(offerId, 2, true);
        vm.assertEq(offerOf(offerId).capacity, 2);
    }

    function test_ImpossibleTermsAreRefused() public {
        vm.startPrank(operator);
        OfferTerms memory bad = terms();
        bad.pricePerHour = 0;
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidPrice.selector, uint88(0)));
        market.setOffer(providerId, bad);
        bad = terms();
        bad.maxWindow = 0;
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidWindow.selector, uint24(0)));
        market.setOffer(providerId, bad);
        bad = terms();
        bad.token = stranger;
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidToken.selector, stranger));
        market.setOffer(providerId, bad);
    }

    function test_CapacityNeverDropsBelowWhatIsLeased() public {
        vm.prank(tenant);
        market.open(offerId, 5, 5 * DEPOSIT, MANIFEST);
        vm.startPrank(operator);
        bytes memory refusal =
            abi.encodeWithSelector(IComputeMarket.CapacityBelowLeased.selector, offerId, uint32(4), uint32(5));
        expectRevert(refusal);
        market.setCapacity(offerId, 4, true);
        OfferTerms memory less = terms();
        less.capacity = 4;
        expectRevert(refusal);
        market.setOffer(providerId, less);
        market.setCapacity(offerId, 5, true);
        vm.assertEq(offerOf(offerId).capacity, 5);
    }

    function test_AnUnknownOfferIsNamed() public {
        bytes memory refusal = abi.encodeWithSelector(IComputeMarket.UnknownOffer.selector, uint32(9));
        vm.prank(operator);
        expectRevert(refusal);
        market.setCapacity(9, 1, true);
        vm.prank(tenant);
        expectRevert(refusal);
        market.open(9, 1, DEPOSIT, MANIFEST);
        vm.assertEq(market.offerPacked(9), new bytes(89));
    }
}
