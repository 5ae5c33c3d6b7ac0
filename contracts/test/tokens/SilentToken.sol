// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// An old-style token whose functions return nothing and that knows no permit.
contract SilentToken {
    mapping(address account => uint256) public balanceOf;

    error Short(address from, uint256 balance, uint256 needed);

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    /// Allowances are beside the point here.
    function transferFrom(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        if (balanceOf[from] < amount) revert Short(from, balanceOf[from], amount);
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
