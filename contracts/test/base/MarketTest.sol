// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket, OfferTerms} from "../../src/IComputeMarket.sol";
import {TestToken} from "../tokens/TestToken.sol";
import {LeaseRecord, OfferRecord, ProviderRecord, Records} from "./Records.sol";
import {Test} from "./Test.sol";

/// The market with what it inherits from OpenZeppelin.
interface IMarket is IComputeMarket {
    function multicall(bytes[] calldata data) external returns (bytes[] memory);
    function nonces(address account) external view returns (uint256);
}

/// A market with one provider, one offer and one funded tenant.
abstract contract MarketTest is Test {
    uint88 internal constant HOUR_PRICE = 2_500_000;
    uint128 internal constant DEPOSIT = 24 * HOUR_PRICE;
    uint24 internal constant WINDOW = 7200;
    uint24 internal constant MIN_SECONDS = 600;
    uint24 internal constant NOTICE = 86_400;
    uint32 internal constant CAPACITY = 16;
    uint256 internal constant START = 1_800_000_000;
    bytes32 internal constant MANIFEST = keccak256("sealed manifest");
    bytes32 internal constant ROOT = keccak256("usage");

    IMarket internal market;
    TestToken internal token;

    address internal owner;
    address internal operator;
    address internal payout;
    address internal tenant;
    address internal stranger;

    uint32 internal providerId;
    uint32 internal offerId;

    function setUp() public virtual {
        vm.warp(START);
        owner = named("owner");
        operator = named("operator");
        payout = named("payout");
        tenant = named("tenant");
        stranger = named("stranger");
        market = IMarket(vm.deployCode("ComputeMarket.sol:ComputeMarket"));
        token = new TestToken();
        vm.prank(owner);
        providerId = market.register(operator, payout, keccak256("key"));
        vm.prank(operator);
        offerId = market.setOffer(providerId, terms());
        fund(tenant);
    }

    function terms() internal view returns (OfferTerms memory) {
        return termsIn(address(token));
    }

    function termsIn(address paidIn) internal pure returns (OfferTerms memory) {
        return OfferTerms({
            token: paidIn,
            pricePerHour: HOUR_PRICE,
            capacity: CAPACITY,
            maxWindow: WINDOW,
            minSeconds: MIN_SECONDS,
            noticeSeconds: NOTICE,
            specHash: keccak256("H100")
        });
    }

    function fund(address account) internal {
        token.mint(account, 1_000_000 * HOUR_PRICE);
        vm.prank(account);
        token.approve(address(market), type(uint256).max);
    }

    /// One unit, paid for 24 hours.
    function openLease() internal returns (uint48) {
        vm.prank(tenant);
        return market.open(offerId, 1, DEPOSIT, MANIFEST);
    }

    /// Lets `secs` pass, then claims all of them.
    function serve(uint48 leaseId, uint24 secs) internal {
        vm.warp(block.timestamp + secs);
        beat(leaseId, secs);
    }

    function beat(uint48 leaseId, uint24 claimed) internal {
        vm.prank(operator);
        market.heartbeat(providerId, ROOT, abi.encodePacked(leaseId, claimed));
    }

    function settleOne(uint48 leaseId) internal {
        market.settle(only(leaseId));
    }

    function noticeTo(uint48 leaseId) internal {
        vm.prank(operator);
        market.giveNotice(only(leaseId));
    }

    function only(uint48 leaseId) internal pure returns (uint48[] memory ids) {
        ids = new uint48[](1);
        ids[0] = leaseId;
    }

    function cost(uint256 secs) internal pure returns (uint256) {
        return uint256(HOUR_PRICE) * secs / 3600;
    }

    function leaseOf(uint48 leaseId) internal view returns (LeaseRecord memory) {
        return Records.lease(market, leaseId);
    }

    function offerOf(uint32 id) internal view returns (OfferRecord memory) {
        return Records.offer(market, id);
    }

    function providerRecord() internal view returns (ProviderRecord memory) {
        return Records.provider(market, providerId);
    }

    function expectRevert(bytes memory data) internal {
        vm.expectRevert(data);
    }

    /// Fails unless what follows in the test counted the provider's generation up.
    modifier bumpsGeneration() {
        uint48 before = market.generation(providerId);
        _;
        vm.assertLt(before, market.generation(providerId));
    }
}
