// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Fixed-width big-endian records in `bytes`
/// @dev Views return these because decoding arrays of structs takes clients quadratic time.
library Packing {
    /// Bytes of a heartbeat entry: lease id uint48, claimed seconds uint24.
    uint256 internal constant BEAT_BYTES = 9;
    uint256 internal constant ID_BYTES = 6;
    uint256 internal constant PROVIDER_BYTES = 110;
    uint256 internal constant OFFER_BYTES = 89;
    uint256 internal constant LEASE_BYTES = 158;

    /// @return leaseId Lease of the entry at byte `offset`.
    /// @return claimed Its seconds.
    function beatAt(bytes calldata packed, uint256 offset) internal pure returns (uint48 leaseId, uint24 claimed) {
        uint72 entry = uint72(bytes9(packed[offset:offset + BEAT_BYTES]));
        // forge-lint: disable-next-line(unsafe-typecast): takes the two fields apart
        return (uint48(entry >> 24), uint24(entry));
    }

    /// @dev Copies `record` to byte `offset` of `out`, which must have the room.
    function put(bytes memory out, uint256 offset, bytes memory record) internal pure {
        assembly ("memory-safe") {
            mcopy(add(add(out, 32), offset), add(record, 32), mload(record))
        }
    }

    /// @return Records from `cursor` on that a page of `n` holds, of `total`.
    function page(uint256 cursor, uint256 n, uint256 total) internal pure returns (uint256) {
        if (cursor >= total) return 0;
        return n < total - cursor ? n : total - cursor;
    }
}
