// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// Calls back into a target during every transfer, and remembers how that ended.
contract ReentrantToken is TestToken {
    address public target;
    bytes public payload;
    uint256 public attempts;
    bytes public answer;
    bool public succeeded;

    function arm(address target_, bytes calldata payload_) external {
        target = target_;
        payload = payload_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (target != address(0)) {
            ++attempts;
            (succeeded, answer) = target.call(payload);
        }
        super._update(from, to, value);
    }
}
