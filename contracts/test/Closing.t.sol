// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket, OfferTerms} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";

contract ClosingTest is MarketTest {
    uint16 private constant NOTICE_ELAPSED = 10002;
    uint16 private constant FUNDS_EXHAUSTED = 10003;
    uint16 private constant NEVER_SERVED = 10004;

    function refusal(uint48 id, uint40 noticeEndsAt, uint40 runway) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IComputeMarket.CloseNotAllowed.selector, id, noticeEndsAt, runway);
    }

    function closeByProvider(uint48 id, uint16 reason) private {
        vm.prank(operator);
        market.closeByProvider(id, reason);
    }

    // ---------------------------------------------------------------- by the tenant

    function test_ATenantClosesAtOnceAndGetsBackWhatIsNotBilled() public bumpsGeneration {
        uint256 before = token.balanceOf(tenant);
        uint48 id = openLease();
        serve(id, 3600);
        settleOne(id);
        serve(id, 1800);
        vm.warp(block.timestamp + 1799);
        vm.expectEmit(address(market));
        emit IComputeMarket.LeaseClosed(id, providerId, tenant, 1, HOUR_PRICE / 2, DEPOSIT - HOUR_PRICE * 3 / 2, 0);
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.assertEq(before - token.balanceOf(tenant), HOUR_PRICE * 3 / 2);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE * 3 / 2);
        vm.assertEq(token.balanceOf(address(market)), 0);
        vm.assertEq(market.liabilities(address(token)), 0);
    }

    function test_AClosedLeaseIsTerminalAndSaysWhy() public {
        uint48 id = openLease();
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.assertEq(leaseOf(id).state, 2);
        vm.assertEq(leaseOf(id).reason, 1);
        vm.assertEq(leaseOf(id).withdrawn, DEPOSIT);
        vm.assertEq(offerOf(offerId).leased, 0);
        vm.assertEq(providerRecord().active, 0);
        vm.assertEq(market.activeIds(providerId, 0, 9).length, 0);
        bytes memory over = abi.encodeWithSelector(IComputeMarket.LeaseNotActive.selector, id);
        vm.startPrank(tenant);
        expectRevert(over);
        market.closeByTenant(id);
        expectRevert(over);
        market.setManifest(id, 0);
        expectRevert(over);
        market.transferLease(id, stranger);
        expectRevert(over);
        market.acceptLease(id);
        expectRevert(over);
        market.closeAbandoned(id);
        vm.stopPrank();
        expectRevert(over);
        closeByProvider(id, NEVER_SERVED);
    }

    function test_ATenantPaysTheMinimumOnceAnythingWasBilled() public {
        uint48 id = openLease();
        serve(id, 1);
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.assertEq(token.balanceOf(payout), cost(MIN_SECONDS));
    }

    function test_ATenantOfALeaseNeverServedPaysNothing() public {
        uint256 before = token.balanceOf(tenant);
        uint48 id = openLease();
        vm.warp(START + 7000);
        beat(id, 0);
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.assertEq(token.balanceOf(tenant), before);
        vm.assertEq(token.balanceOf(payout), 0);
    }

    function test_OnlyTheTenantClosesAsTenant() public {
        uint48 id = openLease();
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotTenant.selector, id, operator));
        vm.prank(operator);
        market.closeByTenant(id);
        expectRevert(abi.encodeWithSelector(IComputeMarket.UnknownLease.selector, uint48(9)));
        market.closeByTenant(9);
    }

    // ---------------------------------------------------------------- by the provider

    function test_AServedFundedLeaseIsNotClosedWithoutNotice() public {
        uint48 id = openLease();
        serve(id, 60);
        expectRevert(refusal(id, 0, 24 * 3600 - 60));
        closeByProvider(id, NOTICE_ELAPSED);
    }

    function test_NoticeMustElapse() public bumpsGeneration {
        uint48 id = openLease();
        serve(id, 60);
        uint40 endsAt = leaseOf(id).lastBeat + NOTICE;
        vm.expectEmit(address(market));
        emit IComputeMarket.NoticeGiven(id, providerId, tenant, endsAt);
        noticeTo(id);
        vm.warp(endsAt - 1);
        expectRevert(refusal(id, endsAt, 24 * 3600 - 60));
        closeByProvider(id, NOTICE_ELAPSED);
        vm.warp(endsAt);
        closeByProvider(id, NOTICE_ELAPSED);
        vm.assertEq(leaseOf(id).reason, NOTICE_ELAPSED);
        vm.assertEq(token.balanceOf(payout), cost(60));
    }

    function test_TheFirstNoticeStands() public {
        uint48 id = openLease();
        noticeTo(id);
        vm.warp(START + 1000);
        vm.recordLogs();
        noticeTo(id);
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(leaseOf(id).noticeEndsAt, START + NOTICE);
    }

    function test_NoticeSkipsWhatIsNotTheCallers() public {
        uint48 closed = openLease();
        uint48 id = openLease();
        vm.prank(tenant);
        market.closeByTenant(closed);
        vm.prank(stranger);
        market.giveNotice(only(id));
        vm.assertEq(leaseOf(id).noticeEndsAt, 0);
        uint48[] memory ids = new uint48[](3);
        ids[0] = 99;
        ids[1] = closed;
        ids[2] = id;
        vm.prank(owner);
        market.giveNotice(ids);
        vm.assertEq(leaseOf(closed).noticeEndsAt, 0);
        vm.assertEq(leaseOf(id).noticeEndsAt, START + NOTICE);
    }

    function test_AnExhaustedLeaseIsClosedAtOnce() public {
        vm.prank(tenant);
        uint48 id = market.open(offerId, 1, HOUR_PRICE, MANIFEST);
        serve(id, 3600);
        closeByProvider(id, FUNDS_EXHAUSTED);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(leaseOf(id).reason, FUNDS_EXHAUSTED);
    }

    function test_ALeaseNeverServedIsClosedAtOnceWithAFullRefund() public {
        uint256 before = token.balanceOf(tenant);
        uint48 id = openLease();
        vm.prank(owner);
        market.closeByProvider(id, NEVER_SERVED);
        vm.assertEq(token.balanceOf(tenant), before);
        vm.assertEq(leaseOf(id).reason, NEVER_SERVED);
    }

    function testFuzz_AProviderGivesItsOwnReasons(uint16 reason) public {
        vm.assume(reason < 10000 || reason > 19999);
        uint48 id = openLease();
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidReason.selector, reason));
        closeByProvider(id, reason);
    }

    function test_StrangersDoNotCloseAsProvider() public {
        uint48 id = openLease();
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotOperator.selector, providerId, stranger));
        vm.prank(stranger);
        market.closeByProvider(id, NEVER_SERVED);
    }

    // ---------------------------------------------------------------- by anyone

    function test_TwoSilentWindowsMeanAbandoned() public {
        uint256 before = token.balanceOf(tenant);
        uint48 id = openLease();
        serve(id, 3600);
        uint256 abandonedAt = block.timestamp + 2 * WINDOW + 1;
        vm.warp(abandonedAt - 1);
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotAbandoned.selector, id, abandonedAt));
        market.closeAbandoned(id);
        vm.warp(abandonedAt);
        vm.prank(stranger);
        market.closeAbandoned(id);
        vm.assertEq(leaseOf(id).reason, 20001);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(before - token.balanceOf(tenant), HOUR_PRICE);
    }

    // ---------------------------------------------------------------- the rest of the set

    /// Whatever order leases end in, the list holds exactly those that remain.
    function testFuzz_TheActiveListHoldsWhatIsActive(uint256 order) public {
        uint48[] memory ids = new uint48[](12);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = openLease();
        }
        for (uint256 left = ids.length; left > 0; --left) {
            uint256 pick = order % left;
            order /= left;
            vm.prank(tenant);
            market.closeByTenant(ids[pick]);
            ids[pick] = ids[left - 1];
            bytes memory listed = market.activeIds(providerId, 0, 100);
            vm.assertEq(listed.length, 6 * (left - 1));
            for (uint256 i = 0; i < left - 1; ++i) {
                vm.assertTrue(contains(listed, ids[i]));
            }
        }
    }

    function contains(bytes memory listed, uint48 id) private pure returns (bool) {
        for (uint256 i = 0; i < listed.length; i += 6) {
            uint256 word;
            assembly ("memory-safe") {
                word := shr(208, mload(add(add(listed, 32), i)))
            }
            if (word == id) return true;
        }
        return false;
    }

    function test_ASpotLeaseEndsInTheBlockOfItsNotice() public {
        OfferTerms memory spot = terms();
        spot.noticeSeconds = 0;
        vm.prank(operator);
        uint32 spotOffer = market.setOffer(providerId, spot);
        vm.prank(tenant);
        uint48 id = market.open(spotOffer, 1, DEPOSIT, MANIFEST);
        serve(id, 60);
        noticeTo(id);
        closeByProvider(id, NOTICE_ELAPSED);
        vm.assertEq(leaseOf(id).state, 2);
    }
}
