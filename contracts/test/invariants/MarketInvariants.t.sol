// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeMarket} from "../../src/IComputeMarket.sol";
import {LeaseRecord, OfferRecord, Records} from "../base/Records.sol";
import {Test} from "../base/Test.sol";
import {BlockingToken} from "../tokens/BlockingToken.sol";
import {Handler} from "./Handler.sol";

/// What holds whatever people do. Checked every few calls (foundry.toml) and at the end of each sequence: what these
/// sentences forbid does not heal, and the handler asserts each transition itself.
contract MarketInvariants is Test {
    Handler private world;
    IComputeMarket private market;

    function setUp() public {
        world = new Handler();
        market = world.market();
    }

    /// forge asks for it: only the handler is called.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(world);
    }

    // ---------------------------------------------------------------- money

    function invariant_TheMarketHoldsAllItOwes() external view {
        LeaseRecord[] memory leases = all();
        for (uint256 i = 0; i < 2; ++i) {
            BlockingToken token = world.tokens(i);
            uint256 owed = held(token);
            for (uint256 j = 0; j < leases.length; ++j) {
                if (tokenOf(leases[j]) == address(token)) owed += leases[j].deposit - leases[j].withdrawn;
            }
            vm.assertEq(market.liabilities(address(token)), owed);
            vm.assertGe(token.balanceOf(address(market)), owed);
        }
    }

    function invariant_WithdrawnNeverPassesEarnedNorEarnedTheDeposit() external view {
        LeaseRecord[] memory leases = all();
        for (uint256 i = 0; i < leases.length; ++i) {
            LeaseRecord memory lease = leases[i];
            vm.assertLe(lease.billed, lease.funded, "billed past funded");
            vm.assertLe(earned(lease), lease.deposit, "earned past the deposit");
            if (lease.state == 1) vm.assertLe(lease.withdrawn, earned(lease), "withdrawn past earned");
        }
    }

    function invariant_ProvidersGetExactlyWhatBilledSecondsCost() external view {
        for (uint256 i = 0; i < 2; ++i) {
            BlockingToken token = world.tokens(i);
            uint256 paid;
            for (uint256 j = 0; j < 4; ++j) {
                address payout = world.payouts(j);
                paid += token.balanceOf(payout) + market.claimable(payout, address(token));
            }
            vm.assertEq(paid, spent(token, true));
        }
    }

    function invariant_TenantsPayExactlyForDepositsAndGetBackTheRest() external view {
        for (uint256 i = 0; i < 2; ++i) {
            BlockingToken token = world.tokens(i);
            uint256 left;
            for (uint256 j = 0; j < 4; ++j) {
                left += token.balanceOf(world.tenants(j));
            }
            vm.assertEq(4e30 - left, spent(token, false));
        }
    }

    function invariant_OnlyClaimedSecondsAndTheMinimumAreBilled() external view {
        LeaseRecord[] memory leases = all();
        for (uint256 i = 0; i < leases.length; ++i) {
            LeaseRecord memory lease = leases[i];
            uint256 least = lease.reason == 1 && lease.billed != 0 ? world.offer(lease.offerId).minSeconds : 0;
            vm.assertLe(lease.billed, greater(world.claimedSeconds(lease.id), least), "billed past what was claimed");
            uint256 wallclock = block.timestamp - world.openedAt(lease.id);
            vm.assertLe(lease.billed, greater(wallclock, least), "billed past the wall clock");
        }
    }

    function invariant_ATenantCanAlwaysClose() external {
        LeaseRecord[] memory leases = all();
        for (uint256 i = 0; i < leases.length; ++i) {
            if (leases[i].state != 1) continue;
            vm.prank(leases[i].tenant);
            market.closeByTenant(leases[i].id);
        }
        for (uint256 i = 0; i < 2; ++i) {
            BlockingToken token = world.tokens(i);
            vm.assertEq(market.liabilities(address(token)), held(token));
        }
        for (uint32 id = 1; id <= market.offerCount(); ++id) {
            vm.assertEq(world.offer(id).leased, 0);
        }
    }

    // ---------------------------------------------------------------- capacity and lists

    function invariant_LeasedUnitsAreThoseOfActiveLeasesAndFitTheCapacity() external view {
        uint256[] memory units = new uint256[](market.offerCount() + 1);
        LeaseRecord[] memory leases = all();
        for (uint256 i = 0; i < leases.length; ++i) {
            LeaseRecord memory lease = leases[i];
            if (lease.state == 1) units[lease.offerId] += lease.units;
        }
        for (uint32 id = 1; id <= market.offerCount(); ++id) {
            OfferRecord memory offer = world.offer(id);
            vm.assertEq(offer.leased, units[id]);
            vm.assertLe(offer.leased, offer.capacity, "oversold");
        }
    }

    function invariant_TheActiveListsHoldEachActiveLeaseOnce() external view {
        LeaseRecord[] memory leases = all();
        uint256 listed;
        for (uint32 providerId = 1; providerId <= market.providerCount(); ++providerId) {
            bytes memory ids = market.activeIds(providerId, 0, type(uint256).max);
            vm.assertEq(Records.provider(market, providerId).active * 6, ids.length);
            for (uint256 i = 0; i < ids.length; i += 6) {
                uint256 id = Records.field(ids, i, 6);
                vm.assertEq(leases[id - 1].state, 1);
                vm.assertEq(leases[id - 1].providerId, providerId);
                vm.assertEq((listed >> id) & 1, 0, "listed twice");
                listed |= 2 ** id;
            }
        }
        for (uint256 i = 0; i < leases.length; ++i) {
            vm.assertEq((listed >> leases[i].id) & 1, leases[i].state == 1 ? 1 : 0);
        }
    }

    // ---------------------------------------------------------------- life

    function invariant_ClosedIsTerminalAndFullyPaidOut() external view {
        LeaseRecord[] memory leases = all();
        for (uint256 i = 0; i < leases.length; ++i) {
            LeaseRecord memory lease = leases[i];
            vm.assertEq(lease.state == 2, world.recordAtClose(lease.id) != 0);
            if (lease.state != 2) continue;
            vm.assertEq(lease.withdrawn, lease.deposit);
            vm.assertEq(world.recordHash(lease.id), world.recordAtClose(lease.id));
        }
    }

    function invariant_NoBeatIsInTheFutureOrBeforeTheOpening() external view {
        LeaseRecord[] memory leases = all();
        for (uint256 i = 0; i < leases.length; ++i) {
            vm.assertLe(leases[i].lastBeat, block.timestamp);
            vm.assertGe(leases[i].lastBeat, world.openedAt(leases[i].id));
        }
    }

    // ---------------------------------------------------------------- sums

    /// Every lease there ever was, by one read; lease `id` at `id - 1`.
    function all() private view returns (LeaseRecord[] memory leases) {
        return Records.leases(market);
    }

    /// What the blocked could not be paid.
    function held(BlockingToken token) private view returns (uint256 sum) {
        for (uint256 j = 0; j < 4; ++j) {
            sum += market.claimable(world.payouts(j), address(token));
        }
    }

    /// What leases in `token` cost so far: for providers what was paid out, for tenants what is gone or locked.
    function spent(BlockingToken token, bool forProviders) private view returns (uint256 sum) {
        LeaseRecord[] memory leases = all();
        for (uint256 i = 0; i < leases.length; ++i) {
            LeaseRecord memory lease = leases[i];
            if (tokenOf(lease) != address(token)) continue;
            if (lease.state == 2) sum += earned(lease);
            else sum += forProviders ? lease.withdrawn : lease.deposit;
        }
    }

    function tokenOf(LeaseRecord memory lease) private view returns (address) {
        return world.offer(lease.offerId).token;
    }

    function earned(LeaseRecord memory lease) private pure returns (uint256) {
        return uint256(lease.pricePerHour) * lease.billed / 3600;
    }

    function greater(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
