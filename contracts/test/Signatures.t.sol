// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket, OpenRequest} from "../src/IComputeMarket.sol";
import {MarketTest} from "./base/MarketTest.sol";
import {ContractTenant} from "./tokens/ContractTenant.sol";
import {SilentToken} from "./tokens/SilentToken.sol";

contract SignaturesTest is MarketTest {
    bytes32 private constant REQUEST_TYPE = keccak256(
        "OpenRequest(uint32 offerId,uint16 units,uint128 deposit,bytes32 manifestHash,address tenant,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant PERMIT_TYPE =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    function request() private view returns (OpenRequest memory) {
        return OpenRequest({
            offerId: offerId,
            units: 2,
            deposit: DEPOSIT,
            manifestHash: MANIFEST,
            tenant: tenant,
            nonce: 0,
            deadline: START + 60
        });
    }

    /// EIP-712, written out here from the standard rather than with the contract's own means.
    function signed(OpenRequest memory asked, string memory signer) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPE, keccak256("ComputeMarket"), keccak256("1"), block.chainid, address(market))
        );
        bytes32 message = keccak256(
            abi.encode(
                REQUEST_TYPE,
                asked.offerId,
                asked.units,
                asked.deposit,
                asked.manifestHash,
                asked.tenant,
                asked.nonce,
                asked.deadline
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(keyOf(signer), keccak256(abi.encodePacked(hex"1901", domain, message)));
        return abi.encodePacked(r, s, v);
    }

    function permitFor(address account, string memory signer, uint256 amount)
        private
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 message =
            keccak256(abi.encode(PERMIT_TYPE, account, address(market), amount, token.nonces(account), START + 60));
        return vm.sign(keyOf(signer), keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), message)));
    }

    function test_ARelayerOpensForATenantWhoPays() public {
        bytes memory signature = signed(request(), "tenant");
        uint256 before = token.balanceOf(tenant);
        vm.prank(stranger);
        uint48 id = market.openFor(request(), signature);
        vm.assertEq(leaseOf(id).tenant, tenant);
        vm.assertEq(leaseOf(id).units, 2);
        vm.assertEq(before - token.balanceOf(tenant), DEPOSIT);
        vm.assertEq(market.nonces(tenant), 1);
    }

    function test_ASignatureOpensOnce() public {
        bytes memory signature = signed(request(), "tenant");
        market.openFor(request(), signature);
        bytes4 refusal = bytes4(keccak256("InvalidAccountNonce(address,uint256)"));
        expectRevert(abi.encodeWithSelector(refusal, tenant, 1));
        market.openFor(request(), signature);
    }

    function test_ASignatureEndsAtItsDeadline() public {
        bytes memory signature = signed(request(), "tenant");
        vm.warp(START + 61);
        expectRevert(abi.encodeWithSelector(IComputeMarket.SignatureExpired.selector, START + 60, START + 61));
        market.openFor(request(), signature);
        vm.warp(START + 60);
        vm.assertEq(market.openFor(request(), signature), 1);
    }

    function test_AnotherPersonsSignatureIsRefused() public {
        bytes memory signature = signed(request(), "stranger");
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidSignature.selector, tenant));
        market.openFor(request(), signature);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_NoFieldCanBeChangedAfterSigning(uint8 which) public {
        bytes memory signature = signed(request(), "tenant");
        OpenRequest memory forged = request();
        which = uint8(bound(which, 0, 5));
        if (which == 0) forged.offerId += 1;
        if (which == 1) forged.units += 1;
        if (which == 2) forged.deposit += 1;
        if (which == 3) forged.manifestHash = 0;
        if (which == 4) forged.nonce += 1;
        if (which == 5) forged.deadline += 1;
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidSignature.selector, tenant));
        market.openFor(forged, signature);
    }

    function test_AnotherMarketsSignatureIsRefused() public {
        bytes memory signature = signed(request(), "tenant");
        setUp();
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidSignature.selector, tenant));
        market.openFor(request(), signature);
    }

    function test_AContractTenantSignsByErc1271() public {
        ContractTenant account = new ContractTenant(tenant, token, address(market));
        token.mint(address(account), DEPOSIT);
        OpenRequest memory asked = request();
        asked.tenant = address(account);
        bytes memory forged = signed(asked, "stranger");
        expectRevert(abi.encodeWithSelector(IComputeMarket.InvalidSignature.selector, address(account)));
        market.openFor(asked, forged);
        uint48 id = market.openFor(asked, signed(asked, "tenant"));
        vm.assertEq(leaseOf(id).tenant, address(account));
    }

    function test_APermitReplacesTheApproval() public {
        token.mint(stranger, 2 * DEPOSIT);
        (uint8 v, bytes32 r, bytes32 s) = permitFor(stranger, "stranger", DEPOSIT);
        vm.prank(stranger);
        uint48 id = market.openWithPermit(offerId, 1, DEPOSIT, MANIFEST, START + 60, v, r, s);
        vm.assertEq(leaseOf(id).tenant, stranger);
        (v, r, s) = permitFor(stranger, "stranger", HOUR_PRICE);
        vm.prank(stranger);
        market.topUpWithPermit(id, HOUR_PRICE, START + 60, v, r, s);
        vm.assertEq(leaseOf(id).deposit, DEPOSIT + HOUR_PRICE);
    }

    function test_APermitThatSomeoneSpentFirstDoesNotFailTheCall() public {
        token.mint(stranger, DEPOSIT);
        (uint8 v, bytes32 r, bytes32 s) = permitFor(stranger, "stranger", DEPOSIT);
        token.permit(stranger, address(market), DEPOSIT, START + 60, v, r, s);
        vm.prank(stranger);
        vm.assertEq(market.openWithPermit(offerId, 1, DEPOSIT, MANIFEST, START + 60, v, r, s), 1);
    }

    function test_AnInvalidPermitLeavesTheAllowanceToDecide() public {
        token.mint(stranger, DEPOSIT);
        (uint8 v, bytes32 r, bytes32 s) = permitFor(stranger, "tenant", DEPOSIT);
        bytes4 refusal = bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)"));
        expectRevert(abi.encodeWithSelector(refusal, address(market), 0, DEPOSIT));
        vm.prank(stranger);
        market.openWithPermit(offerId, 1, DEPOSIT, MANIFEST, START + 60, v, r, s);
    }

    function test_ATokenWithoutPermitOrReturnValuesWorks() public {
        SilentToken silent = new SilentToken();
        silent.mint(tenant, 2 * DEPOSIT);
        vm.prank(operator);
        uint32 id = market.setOffer(providerId, termsIn(address(silent)));
        vm.startPrank(tenant);
        uint48 lease = market.openWithPermit(id, 1, DEPOSIT, MANIFEST, START, 27, 0, 0);
        market.topUpWithPermit(lease, DEPOSIT, START, 27, 0, 0);
        market.closeByTenant(lease);
        vm.assertEq(silent.balanceOf(tenant), 2 * DEPOSIT);
    }

    function test_OpeningWithPermitOnAnUnknownOfferOrLeaseNamesIt() public {
        expectRevert(abi.encodeWithSelector(IComputeMarket.UnknownOffer.selector, uint32(9)));
        market.openWithPermit(9, 1, DEPOSIT, MANIFEST, START, 27, 0, 0);
        expectRevert(abi.encodeWithSelector(IComputeMarket.UnknownLease.selector, uint48(9)));
        market.topUpWithPermit(9, 1, START, 27, 0, 0);
    }
}
