// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";
import {Vm} from "./base/Vm.sol";
import {TestToken} from "./tokens/TestToken.sol";

contract SettlementTest is MarketTest {
    function test_AnyoneSettlesAndOnlyThePayoutIsPaid() public bumpsGeneration {
        uint48 id = openLease();
        serve(id, 3600);
        vm.expectEmit(address(market));
        emit IComputeMarket.Settled(id, providerId, payout, HOUR_PRICE);
        vm.prank(stranger);
        settleOne(id);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(leaseOf(id).withdrawn, HOUR_PRICE);
        vm.assertEq(market.liabilities(address(token)), DEPOSIT - HOUR_PRICE);
    }

    function test_SettlingAgainPaysNothing() public {
        uint48 id = openLease();
        serve(id, 3600);
        settleOne(id);
        vm.recordLogs();
        settleOne(id);
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE);
    }

    function test_ABatchPaysEachPayoutInItsToken() public {
        TestToken second = new TestToken();
        second.mint(tenant, DEPOSIT);
        address vault = named("vault");
        vm.startPrank(stranger);
        uint32 other = market.register(stranger, vault, 0);
        uint32 theirs = market.setOffer(other, termsIn(address(second)));
        vm.stopPrank();
        uint48[] memory ids = new uint48[](6);
        ids[0] = openLease();
        ids[2] = openLease();
        ids[4] = ids[0]; // a repeated id owes nothing the second time
        ids[5] = 999;
        vm.startPrank(tenant);
        second.approve(address(market), DEPOSIT);
        ids[1] = market.open(theirs, 1, DEPOSIT, MANIFEST);
        ids[3] = market.open(offerId, 1, DEPOSIT, MANIFEST);
        market.closeByTenant(ids[3]);
        vm.stopPrank();
        vm.warp(START + 3600);
        vm.prank(operator);
        market.heartbeat(providerId, ROOT, abi.encodePacked(ids[0], uint24(3600), ids[2], uint24(1800)));
        vm.prank(stranger);
        market.heartbeat(other, ROOT, abi.encodePacked(ids[1], uint24(900)));
        market.settle(ids);
        vm.assertEq(token.balanceOf(payout), cost(3600) + cost(1800));
        vm.assertEq(second.balanceOf(vault), cost(900));
        vm.assertEq(second.balanceOf(payout) + token.balanceOf(vault), 0);
    }

    function test_LeasesOfOneOfferAreOneTransfer() public {
        uint48[] memory ids = new uint48[](3);
        for (uint256 i = 0; i < 3; ++i) {
            ids[i] = openLease();
        }
        vm.warp(START + 60);
        for (uint256 i = 0; i < 3; ++i) {
            beat(ids[i], 60);
        }
        vm.recordLogs();
        market.settle(ids);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 4);
        vm.assertEq(logs[3].emitter, address(token));
    }

    /// Rounding never accumulates: the sum is that of one settlement at the end.
    function testFuzz_AnySequenceOfSettlesPaysTheSame(uint24[12] calldata served, uint16 settleAfter) public {
        uint48 id = openLease();
        uint256 total;
        for (uint256 i = 0; i < served.length; ++i) {
            uint24 secs = uint24(bound(served[i], 0, WINDOW - 1));
            serve(id, secs);
            total += secs;
            if ((settleAfter >> i) & 1 == 1) settleOne(id);
        }
        settleOne(id);
        vm.assertEq(leaseOf(id).billed, total);
        vm.assertEq(token.balanceOf(payout), cost(total));
    }
}
