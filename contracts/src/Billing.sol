// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The arithmetic of money and seconds
/// @dev Prices are per 3,600 seconds. Inputs are at most 128 bits and 40 bits wide, so nothing here can overflow.
library Billing {
    uint256 private constant HOUR = 3600;

    /// @return What `secs` seconds cost, rounded down (in the tenant's favour, by less than one unit).
    function cost(uint96 pricePerHour, uint40 secs) internal pure returns (uint128) {
        // forge-lint: disable-next-line(unsafe-typecast): 96 + 40 bits less 11 for the hour fit 128
        return uint128(uint256(pricePerHour) * secs / HOUR);
    }

    /// @return Least deposit that funds `secs` seconds.
    function depositFor(uint96 pricePerHour, uint40 secs) internal pure returns (uint256) {
        return (uint256(pricePerHour) * secs + HOUR - 1) / HOUR;
    }

    /// @return Seconds that a deposit funds, so that `cost(price, funded) <= deposit`. The price must not be 0.
    function funded(uint128 deposit, uint96 pricePerHour) internal pure returns (uint40) {
        uint256 secs = uint256(deposit) * HOUR / pricePerHour;
        // forge-lint: disable-next-line(unsafe-typecast): bounded by the comparison
        return secs > type(uint40).max ? type(uint40).max : uint40(secs);
    }

    /// @return Seconds that one heartbeat adds: never more than elapsed, than a window, or than is funded.
    function credit(uint40 claimed, uint40 elapsed, uint40 maxWindow, uint40 runway) internal pure returns (uint40) {
        return min(min(claimed, elapsed), min(maxWindow, runway));
    }

    function min(uint40 a, uint40 b) internal pure returns (uint40) {
        return a < b ? a : b;
    }

    function max(uint40 a, uint40 b) internal pure returns (uint40) {
        return a > b ? a : b;
    }
}
