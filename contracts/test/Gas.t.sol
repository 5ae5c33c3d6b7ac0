// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MarketTest} from "./base/MarketTest.sol";

/// Gas of the calls that cost operators and tenants money, as whole transactions (21,000 and calldata included), in the
/// steady state: accounts that already hold the token, other leases open. Recorded in contracts/snapshots/ and checked.
/// forge-config: default.isolate = true
contract GasTest is MarketTest {
    string private constant GROUP = "ComputeMarket";

    /// Public networks answer an eth_call of at most about 50 M gas.
    uint256 private constant VIEW_LIMIT = 10_000_000;

    function setUp() public override {
        super.setUp();
        vm.prank(operator);
        market.setCapacity(offerId, 1000, true);
        token.mint(payout, 1);
        openLease();
    }

    function openMany(uint256 n) private returns (uint48[] memory ids) {
        ids = new uint48[](n);
        for (uint256 i = 0; i < n; ++i) {
            ids[i] = openLease();
        }
    }

    function packed(uint48[] memory ids, uint24 claimed) private pure returns (bytes memory out) {
        for (uint256 i = 0; i < ids.length; ++i) {
            out = bytes.concat(out, abi.encodePacked(ids[i], claimed));
        }
    }

    function heartbeatOf(uint256 n, string memory name) private {
        uint48[] memory ids = openMany(n);
        vm.warp(START + 3600);
        bytes memory entries = packed(ids, 3600);
        vm.prank(operator);
        market.heartbeat(providerId, ROOT, entries);
        vm.snapshotGasLastCall(GROUP, name);
        // Every entry was worth its gas.
        vm.assertEq(leaseOf(ids[n - 1]).billed, 3600);
    }

    function test_Open() public {
        uint48 id = openLease();
        vm.snapshotGasLastCall(GROUP, "open");
        vm.assertEq(leaseOf(id).state, 1);
    }

    function test_TopUp() public {
        uint48 id = openLease();
        vm.prank(tenant);
        market.topUp(id, HOUR_PRICE);
        vm.snapshotGasLastCall(GROUP, "topUp");
        vm.assertEq(leaseOf(id).funded, 25 * 3600);
    }

    function test_HeartbeatOfOne() public {
        heartbeatOf(1, "heartbeat 1");
    }

    function test_HeartbeatOfAHundred() public {
        heartbeatOf(100, "heartbeat 100");
    }

    function test_HeartbeatOfFiveHundred() public {
        heartbeatOf(500, "heartbeat 500");
    }

    function test_SettleOne() public {
        uint48 id = openLease();
        serve(id, 3600);
        settleOne(id);
        vm.snapshotGasLastCall(GROUP, "settle 1");
        vm.assertEq(token.balanceOf(payout), 1 + HOUR_PRICE);
    }

    function test_SettleFifty() public {
        uint48[] memory ids = openMany(50);
        vm.warp(START + 3600);
        bytes memory entries = packed(ids, 3600);
        vm.prank(operator);
        market.heartbeat(providerId, ROOT, entries);
        market.settle(ids);
        vm.snapshotGasLastCall(GROUP, "settle 50");
        vm.assertEq(token.balanceOf(payout), 1 + 50 * HOUR_PRICE);
    }

    function test_CloseByTenant() public {
        uint48 id = openLease();
        openLease();
        serve(id, 3600);
        vm.prank(tenant);
        market.closeByTenant(id);
        vm.snapshotGasLastCall(GROUP, "closeByTenant");
        vm.assertEq(leaseOf(id).state, 2);
    }

    function test_CloseByProvider() public {
        uint48 id = openLease();
        openLease();
        serve(id, 3600);
        noticeTo(id);
        vm.warp(block.timestamp + NOTICE);
        vm.prank(operator);
        market.closeByProvider(id, 10002);
        vm.snapshotGasLastCall(GROUP, "closeByProvider");
        vm.assertEq(leaseOf(id).state, 2);
    }

    function test_SetOfferAgainAndSetCapacity() public {
        vm.startPrank(operator);
        market.setOffer(providerId, terms());
        vm.snapshotGasLastCall(GROUP, "setOffer again");
        market.setCapacity(offerId, 7, true);
        vm.snapshotGasLastCall(GROUP, "setCapacity");
        vm.stopPrank();
        vm.assertEq(offerOf(offerId).capacity, 7);
    }

    function test_ReadingFiveHundredLeasesFitsAPublicNode() public {
        uint48[] memory ids = openMany(500);
        market.leasesPacked(ids);
        vm.assertLt(vm.snapshotGasLastCall(GROUP, "leasesPacked 500"), VIEW_LIMIT);
    }
}
