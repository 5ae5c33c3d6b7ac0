// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title A plain stablecoin-like token for tests and demos: 6 decimals, ERC-2612 permit, minted by anyone
contract TestToken is ERC20, ERC20Permit {
    constructor() ERC20("Berthage Test Dollar", "BTD") ERC20Permit("Berthage Test Dollar") {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
