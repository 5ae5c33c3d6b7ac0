// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// Takes deposits and then fails every transfer out, in one of the ways that tokens fail.
contract RevertingToken is TestToken {
    enum Failure {
        None,
        Revert,
        ReturnFalse,
        ReturnGarbage,
        BurnGas,
        ReturnBomb
    }

    Failure public failure;

    function setFailure(Failure how) external {
        failure = how;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (failure == Failure.Revert) revert("no");
        if (failure == Failure.ReturnFalse) return false;
        if (failure == Failure.ReturnGarbage) {
            assembly ("memory-safe") {
                mstore(0, 7)
                return(0, 32)
            }
        }
        if (failure == Failure.BurnGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (failure == Failure.ReturnBomb) {
            assembly ("memory-safe") {
                revert(0, 1000000)
            }
        }
        return super.transfer(to, value);
    }
}
