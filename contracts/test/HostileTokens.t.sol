// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";
import {BlockingToken} from "./tokens/BlockingToken.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {ReentrantToken} from "./tokens/ReentrantToken.sol";
import {RevertingToken} from "./tokens/RevertingToken.sol";
import {TestToken} from "./tokens/TestToken.sol";

contract HostileTokensTest is MarketTest {
    /// An offer in `hostile`, and a tenant who can pay it.
    function offerIn(TestToken hostile) private returns (uint32 id) {
        vm.prank(operator);
        id = market.setOffer(providerId, termsIn(address(hostile)));
        hostile.mint(tenant, 10 * DEPOSIT);
        vm.prank(tenant);
        hostile.approve(address(market), type(uint256).max);
    }

    function openIn(TestToken hostile) private returns (uint48) {
        uint32 id = offerIn(hostile);
        vm.prank(tenant);
        return market.open(id, 1, DEPOSIT, MANIFEST);
    }

    function test_AFeeOnTransferIsRefused() public {
        FeeToken fee = new FeeToken();
        uint32 id = offerIn(fee);
        expectRevert(
            abi.encodeWithSelector(
                IComputeMarket.InexactDeposit.selector, address(fee), DEPOSIT, DEPOSIT - DEPOSIT / 100
            )
        );
        vm.prank(tenant);
        market.open(id, 1, DEPOSIT, MANIFEST);
    }

    function test_ABlockedPayoutFreezesNeitherTenantNorCapacity() public {
        BlockingToken blocking = new BlockingToken();
        uint48 id = openIn(blocking);
        serve(id, 3600);
        blocking.setBlocked(payout, true);
        vm.expectEmit(address(market));
        emit IComputeMarket.PaymentHeld(payout, address(blocking), HOUR_PRICE);
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.assertEq(blocking.balanceOf(tenant), 10 * DEPOSIT - HOUR_PRICE);
        vm.assertEq(market.claimable(payout, address(blocking)), HOUR_PRICE);
        vm.assertEq(market.liabilities(address(blocking)), HOUR_PRICE);
        vm.assertEq(offerOf(2).leased, 0);
    }

    function test_ABlockedTenantDoesNotFreezeTheProvider() public {
        BlockingToken blocking = new BlockingToken();
        uint48 id = openIn(blocking);
        serve(id, 3600);
        noticeTo(id);
        vm.warp(block.timestamp + NOTICE);
        blocking.setBlocked(tenant, true);
        vm.prank(operator);
        market.closeByProvider(id, 10002);
        vm.assertEq(blocking.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(market.claimable(tenant, address(blocking)), DEPOSIT - HOUR_PRICE);
    }

    function test_WhatIsHeldCanBeClaimedForItsOwnerByAnyone() public {
        BlockingToken blocking = new BlockingToken();
        uint48 id = openIn(blocking);
        serve(id, 3600);
        blocking.setBlocked(payout, true);
        settleOne(id);
        bytes memory blocked = abi.encodeWithSelector(BlockingToken.Blocked.selector, payout);
        expectRevert(blocked);
        market.claim(payout, address(blocking));
        blocking.setBlocked(payout, false);
        vm.expectEmit(address(market));
        emit IComputeMarket.Claimed(payout, address(blocking), HOUR_PRICE);
        vm.prank(stranger);
        market.claim(payout, address(blocking));
        vm.assertEq(blocking.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(market.liabilities(address(blocking)), DEPOSIT - HOUR_PRICE);
        expectRevert(abi.encodeWithSelector(IComputeMarket.NothingToClaim.selector, payout, address(blocking)));
        market.claim(payout, address(blocking));
    }

    /// forge-config: default.fuzz.runs = 32
    function testFuzz_ATenantClosesHoweverTheTokenFails(uint8 kind) public {
        RevertingToken failing = new RevertingToken();
        uint48 id = openIn(failing);
        serve(id, 3600);
        failing.setFailure(RevertingToken.Failure(bound(kind, 1, 5)));
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.assertEq(leaseOf(id).state, 2);
        vm.assertEq(market.claimable(payout, address(failing)), HOUR_PRICE);
        vm.assertEq(market.claimable(tenant, address(failing)), DEPOSIT - HOUR_PRICE);
        failing.setFailure(RevertingToken.Failure.None);
        market.claim(tenant, address(failing));
        market.claim(payout, address(failing));
        vm.assertEq(failing.balanceOf(address(market)), 0);
    }

    function test_OneFailingTokenDoesNotHoldUpABatch() public {
        RevertingToken failing = new RevertingToken();
        uint48[] memory ids = new uint48[](2);
        ids[0] = openIn(failing);
        ids[1] = openLease();
        vm.warp(START + 3600);
        beat(ids[0], 3600);
        beat(ids[1], 3600);
        failing.setFailure(RevertingToken.Failure.Revert);
        market.settle(ids);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(market.claimable(payout, address(failing)), HOUR_PRICE);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_NoEntryThatMovesTokensCanBeReentered(uint8 which) public {
        ReentrantToken reentrant = new ReentrantToken();
        uint48 id = openIn(reentrant);
        serve(id, 3600);
        bytes[5] memory inner = [
            abi.encodeCall(market.settle, (only(id))),
            abi.encodeCall(market.closeByTenant, (id)),
            abi.encodeCall(market.closeAbandoned, (id)),
            abi.encodeCall(market.topUp, (id, 1)),
            abi.encodeCall(market.claim, (payout, address(reentrant)))
        ];
        reentrant.arm(address(market), inner[bound(which, 0, 4)]);
        bytes4 refused = bytes4(keccak256("ReentrancyGuardReentrantCall()"));
        settleOne(id);
        vm.assertFalse(reentrant.succeeded());
        vm.assertEq(reentrant.answer(), abi.encodePacked(refused));
        vm.startPrank(tenant);
        market.topUp(id, HOUR_PRICE);
        market.closeByTenant(id);
        vm.stopPrank();
        // Settlement, top-up and refund: each transfer tried, none got in.
        vm.assertEq(reentrant.attempts(), 3);
        vm.assertFalse(reentrant.succeeded());
        vm.assertEq(reentrant.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(reentrant.balanceOf(address(market)), 0);
    }
}
