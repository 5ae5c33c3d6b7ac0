// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";
import {Vm} from "./base/Vm.sol";

contract HeartbeatTest is MarketTest {
    function test_ClaimedSecondsAreBilled() public bumpsGeneration {
        uint48 id = openLease();
        vm.warp(START + 3600);
        vm.expectEmit(address(market));
        emit IComputeMarket.Heartbeat(providerId, ROOT, abi.encodePacked(id, uint24(3000)));
        beat(id, 3000);
        vm.assertEq(leaseOf(id).billed, 3000);
        vm.assertEq(leaseOf(id).lastBeat, START + 3600);
    }

    function testFuzz_ACreditIsTheLeastOfClaimElapsedWindowAndRunway(uint24 claimed, uint24 elapsed, uint40 deposit)
        public
    {
        uint128 paid = uint128(bound(deposit, HOUR_PRICE, 10 * HOUR_PRICE));
        vm.prank(tenant);
        uint48 id = market.open(offerId, 1, paid, MANIFEST);
        vm.warp(START + elapsed);
        beat(id, claimed);
        uint256 billed = leaseOf(id).billed;
        uint256 funded = leaseOf(id).funded;
        vm.assertLe(billed, claimed);
        vm.assertLe(billed, elapsed);
        vm.assertLe(billed, WINDOW);
        vm.assertLe(billed, funded);
        vm.assertTrue(billed == claimed || billed == elapsed || billed == WINDOW || billed == funded);
    }

    function testFuzz_SilenceIsNeverBilled(uint24 silence) public {
        uint48 id = openLease();
        serve(id, 3600);
        vm.warp(block.timestamp + silence);
        beat(id, 0);
        vm.assertEq(leaseOf(id).billed, 3600);
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE);
    }

    function test_TwoBeatsInOneBlockCreditOnce() public {
        uint48 id = openLease();
        vm.warp(START + 3600);
        vm.prank(operator);
        market.heartbeat(providerId, ROOT, abi.encodePacked(id, uint24(3600), id, uint24(3600)));
        beat(id, 3600);
        vm.assertEq(leaseOf(id).billed, 3600);
    }

    function test_ABatchSkipsWhatItCannotCredit() public {
        uint48 good = openLease();
        uint48 closed = openLease();
        vm.prank(tenant);
        market.closeByTenant(closed);
        vm.startPrank(stranger);
        uint32 other = market.register(stranger, stranger, 0);
        uint32 theirs = market.setOffer(other, terms());
        vm.stopPrank();
        vm.prank(tenant);
        uint48 foreign = market.open(theirs, 1, DEPOSIT, MANIFEST);
        vm.warp(START + 60);
        bytes memory packed = abi.encodePacked(
            uint48(0), uint24(60), closed, uint24(60), foreign, uint24(60), uint48(999), uint24(60), good, uint24(60)
        );
        vm.prank(operator);
        market.heartbeat(providerId, ROOT, packed);
        vm.assertEq(leaseOf(good).billed, 60);
        vm.assertEq(leaseOf(closed).billed, 0);
        vm.assertEq(leaseOf(foreign).billed, 0);
        vm.assertEq(leaseOf(foreign).lastBeat, START);
    }

    function test_ABatchOfNothingIsASignOfLife() public bumpsGeneration {
        vm.recordLogs();
        vm.prank(owner);
        market.heartbeat(providerId, ROOT, "");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1);
        vm.assertEq(logs[0].topics[2], ROOT);
    }

    function test_ATornEntryIsRefused() public {
        expectRevert(abi.encodeWithSelector(IComputeMarket.MalformedHeartbeat.selector, 10));
        vm.prank(operator);
        market.heartbeat(providerId, ROOT, new bytes(10));
    }

    function test_StrangersDoNotBeat() public {
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotOperator.selector, providerId, stranger));
        vm.prank(stranger);
        market.heartbeat(providerId, ROOT, "");
    }
}
