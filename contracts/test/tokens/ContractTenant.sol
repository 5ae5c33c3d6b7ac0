// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// A smart account whose signatures are those of one key (ERC-1271).
contract ContractTenant is IERC1271 {
    address private immutable SIGNER;

    constructor(address signer, IERC20 token, address market) {
        SIGNER = signer;
        token.approve(market, type(uint256).max);
    }

    function isValidSignature(bytes32 hash, bytes memory signature) external view returns (bytes4) {
        return ECDSA.recover(hash, signature) == SIGNER ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
