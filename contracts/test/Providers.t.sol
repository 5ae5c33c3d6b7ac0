// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";
import {ProviderRecord, Records} from "./base/Records.sol";

contract ProvidersTest is MarketTest {
    function test_RegisteringMakesTheCallerOwner() public {
        address other = named("other operator");
        vm.expectEmit(address(market));
        emit IComputeMarket.ProviderUpdated(2, stranger, other, payout, keccak256("k2"), 1);
        vm.prank(stranger);
        uint32 id = market.register(other, payout, keccak256("k2"));
        vm.assertEq(id, 2);
        vm.assertEq(market.providerCount(), 2);
        vm.assertEq(market.providerOf(other), 2);
        ProviderRecord memory record = Records.provider(market, 2);
        vm.assertEq(record.id, 2);
        vm.assertEq(record.owner, stranger);
        vm.assertEq(record.operator, other);
        vm.assertEq(record.payout, payout);
        vm.assertEq(record.manifestKey, keccak256("k2"));
        vm.assertEq(record.keyVersion, 1);
        vm.assertEq(record.generation, 1);
        vm.assertEq(record.active, 0);
    }

    function test_OneKeyMayBeOwnerOperatorAndPayout() public {
        vm.startPrank(stranger);
        uint32 id = market.register(stranger, stranger, 0);
        market.setOffer(id, terms());
        vm.assertEq(market.providerOf(stranger), id);
    }

    function test_AnOperatorServesOneProvider() public {
        expectRevert(abi.encodeWithSelector(IComputeMarket.OperatorTaken.selector, operator, providerId));
        vm.prank(stranger);
        market.register(operator, payout, 0);
    }

    function test_RegisteringTwiceTellsTheFirstId() public {
        expectRevert(abi.encodeWithSelector(IComputeMarket.OperatorTaken.selector, operator, providerId));
        vm.prank(owner);
        market.register(operator, payout, keccak256("key"));
    }

    function test_OperatorAndPayoutMustBeUsable() public {
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidOperator.selector, address(0)));
        market.register(address(0), payout, 0);
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidPayout.selector, address(0)));
        market.register(stranger, address(0), 0);
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidPayout.selector, address(market)));
        market.register(stranger, address(market), 0);
    }

    function test_ANewOperatorReplacesTheOld() public bumpsGeneration {
        address next = named("next operator");
        vm.prank(owner);
        market.setOperator(providerId, next);
        vm.assertEq(market.providerOf(next), providerId);
        vm.assertEq(market.providerOf(operator), 0);
        expectRevert(abi.encodeWithSelector(IComputeMarket.NotOperator.selector, providerId, operator));
        vm.prank(operator);
        market.heartbeat(providerId, ROOT, "");
        vm.prank(next);
        market.heartbeat(providerId, ROOT, "");
    }

    function test_NamingTheSameOperatorAgainIsFine() public {
        vm.prank(owner);
        market.setOperator(providerId, operator);
        vm.assertEq(market.providerOf(operator), providerId);
    }

    function test_AnOperatorOfAnotherProviderIsRefused() public {
        address busy = named("busy operator");
        vm.prank(stranger);
        uint32 other = market.register(busy, payout, 0);
        expectRevert(abi.encodeWithSelector(IComputeMarket.OperatorTaken.selector, busy, other));
        vm.prank(owner);
        market.setOperator(providerId, busy);
        vm.assertEq(market.providerOf(operator), providerId);
    }

    function test_AnOperatorNamedAgainstItsWillCanResign() public bumpsGeneration {
        vm.prank(operator);
        market.resignOperator();
        vm.assertEq(market.providerOf(operator), 0);
        vm.assertEq(providerRecord().operator, address(0));
        vm.prank(stranger);
        uint32 own = market.register(operator, payout, 0);
        vm.assertEq(market.providerOf(operator), own);
        // The owner goes on with another.
        vm.prank(owner);
        market.setOperator(providerId, named("next operator"));
        vm.assertEq(market.providerOf(operator), own);
    }

    function test_WhoServesNobodyCannotResign() public {
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidOperator.selector, stranger));
        vm.prank(stranger);
        market.resignOperator();
    }

    function test_ANewKeyCountsItsVersion() public bumpsGeneration {
        vm.prank(owner);
        market.setKey(providerId, keccak256("newer"));
        vm.assertEq(providerRecord().manifestKey, keccak256("newer"));
        vm.assertEq(providerRecord().keyVersion, 2);
    }

    function test_APayoutChangeDirectsLaterPayments() public bumpsGeneration {
        address vault = named("vault");
        uint48 id = openLease();
        serve(id, 3600);
        settleOne(id);
        vm.prank(owner);
        market.setPayout(providerId, vault);
        serve(id, 3600);
        settleOne(id);
        vm.assertEq(token.balanceOf(payout), HOUR_PRICE);
        vm.assertEq(token.balanceOf(vault), HOUR_PRICE);
    }

    function test_OnlyTheOwnerChangesOperatorPayoutAndKey() public {
        address[2] memory callers = [operator, stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(IComputeMarket.NotOwner.selector, providerId, callers[i]);
            vm.startPrank(callers[i]);
            expectRevert(refusal);
            market.setOperator(providerId, stranger);
            expectRevert(refusal);
            market.setPayout(providerId, stranger);
            expectRevert(refusal);
            market.setKey(providerId, 0);
            vm.stopPrank();
        }
    }

    function test_AnUnknownProviderIsNamed() public {
        bytes memory refusal = abi.encodeWithSelector(IComputeMarket.UnknownProvider.selector, uint32(9));
        expectRevert(refusal);
        market.setKey(9, 0);
        expectRevert(refusal);
        market.setOffer(9, terms());
        expectRevert(refusal);
        market.heartbeat(9, ROOT, "");
        vm.assertEq(market.generation(9), 0);
        vm.assertEq(market.providerPacked(9), new bytes(110));
    }
}
