// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";

contract TransferTest is MarketTest {
    function test_ALeaseChangesHandsInTwoSteps() public bumpsGeneration {
        uint48 id = openLease();
        vm.expectEmit(address(market));
        emit IComputeMarket.TransferOffered(id, providerId, tenant, stranger);
        vm.prank(tenant);
        market.transferLease(id, stranger);
        vm.assertEq(leaseOf(id).tenant, tenant);
        vm.assertEq(leaseOf(id).pendingTenant, stranger);
        vm.expectEmit(address(market));
        emit IComputeMarket.LeaseTransferred(id, providerId, stranger, tenant);
        vm.prank(stranger);
        market.acceptLease(id);
        vm.assertEq(leaseOf(id).tenant, stranger);
        vm.assertEq(leaseOf(id).pendingTenant, address(0));
    }

    function test_TheRefundGoesToTheNewTenant() public {
        uint48 id = openLease();
        vm.prank(tenant);
        market.transferLease(id, stranger);
        vm.startPrank(stranger);
        market.acceptLease(id);
        market.closeByTenant(id);
        vm.assertEq(token.balanceOf(stranger), DEPOSIT);
    }

    function test_NobodyElseAccepts() public {
        uint48 id = openLease();
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotPendingTenant.selector, id, stranger));
        vm.prank(stranger);
        market.acceptLease(id);
    }

    function test_AnOfferedTransferCanBeTakenBack() public {
        uint48 id = openLease();
        vm.startPrank(tenant);
        market.transferLease(id, stranger);
        market.transferLease(id, address(0));
        vm.stopPrank();
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotPendingTenant.selector, id, stranger));
        vm.prank(stranger);
        market.acceptLease(id);
    }

    function test_ATransferNeedsAnotherAccountThatCanAccept() public {
        uint48 id = openLease();
        vm.startPrank(tenant);
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidTransferTarget.selector, id, tenant));
        market.transferLease(id, tenant);
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidTransferTarget.selector, id, address(market)));
        market.transferLease(id, address(market));
    }

    function test_TheOldTenantHasNoSayAfterwards() public {
        uint48 id = openLease();
        vm.prank(tenant);
        market.transferLease(id, stranger);
        vm.prank(stranger);
        market.acceptLease(id);
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotTenant.selector, id, tenant));
        vm.prank(tenant);
        market.closeByTenant(id);
    }

    function test_ANoticeSurvivesATransfer() public {
        uint48 id = openLease();
        noticeTo(id);
        vm.prank(tenant);
        market.transferLease(id, stranger);
        vm.prank(stranger);
        market.acceptLease(id);
        vm.assertEq(leaseOf(id).noticeEndsAt, START + NOTICE);
    }
}
