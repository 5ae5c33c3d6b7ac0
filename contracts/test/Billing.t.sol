// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Billing} from "../src/Billing.sol";
import {Test} from "./base/Test.sol";

contract BillingTest is Test {
    function testFuzz_WhatIsFundedIsNeverDearerThanTheDeposit(uint128 deposit, uint96 price) public pure {
        vm.assume(price != 0);
        vm.assertLe(Billing.cost(price, Billing.funded(deposit, price)), deposit);
    }

    function testFuzz_OneSecondMoreThanFundedCostsMore(uint128 deposit, uint96 price) public pure {
        vm.assume(price != 0);
        uint40 secs = Billing.funded(deposit, price);
        if (secs == type(uint40).max) return;
        vm.assertLt(uint256(deposit) * 3600, uint256(price) * (uint256(secs) + 1));
    }

    function testFuzz_TheLeastDepositFundsItsSeconds(uint96 price, uint24 secs) public pure {
        vm.assume(price != 0);
        uint128 least = SafeCast.toUint128(Billing.depositFor(price, secs));
        vm.assertGe(Billing.funded(least, price), secs);
        if (least != 0) vm.assertLt(Billing.funded(least - 1, price), secs);
    }

    function testFuzz_CostIsExactToOneUnit(uint96 price, uint40 secs) public pure {
        uint256 exact = uint256(price) * secs;
        uint256 charged = uint256(Billing.cost(price, secs)) * 3600;
        vm.assertLe(charged, exact);
        vm.assertLt(exact - charged, 3600);
    }

    function testFuzz_CostNeverFalls(uint96 price, uint40 a, uint40 b) public pure {
        vm.assertLe(Billing.cost(price, Billing.min(a, b)), Billing.cost(price, Billing.max(a, b)));
    }

    function testFuzz_CreditIsTheLeastOfItsBounds(uint40 a, uint40 b, uint40 c, uint40 d) public pure {
        uint40 credit = Billing.credit(a, b, c, d);
        vm.assertTrue(credit <= a && credit <= b && credit <= c && credit <= d);
        vm.assertTrue(credit == a || credit == b || credit == c || credit == d);
    }
}
