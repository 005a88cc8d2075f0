"""The arithmetic of reservations: whatever runs do, a budget is never exceeded, and its rest is never stuck."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.limits.reserving import CALLS_AHEAD, NOTHING, SHARE, Budget, grant

CENT = Decimal("0.01")
money = st.integers(0, 100_000).map(lambda cents: cents * CENT)
need = st.integers(1, 500).map(lambda cents: cents * CENT)
acts = st.tuples(st.sampled_from(["call", "answer", "commit", "die"]), st.integers(0, 3), need, st.integers(0, 100))


@dataclass
class Run:
    """A run of a job as its purse keeps it: money left, calls in flight, what answered ones cost until the commit."""

    held: Decimal = NOTHING
    left: Decimal = NOTHING
    flying: list[Decimal] = field(default_factory=list)
    answered: Decimal = NOTHING


@dataclass
class World:
    """Runs that share budgets, and the ledger."""

    limits: tuple[Decimal, Decimal]
    spent: Decimal = NOTHING
    runs: list[Run] = field(default_factory=lambda: [Run() for _ in range(4)])

    def budgets(self) -> list[Budget]:
        held = sum((run.held for run in self.runs), NOTHING)
        day, month = self.limits
        return [Budget("day", day, self.spent, held), Budget("month", month, self.spent, held)]

    def draw(self, run: Run, most: Decimal) -> Budget | None:
        granted = grant(self.budgets(), run.left, most)
        run.held += granted.usd - run.left
        run.left = granted.usd
        return granted.exhausted

    def act(self, what: str, number: int, most: Decimal, part: int) -> None:
        run = self.runs[number]
        if what == "call":
            if most > run.left:
                self.draw(run, most)
            if most <= run.left:
                run.left -= most
                run.flying.append(most)
        elif what == "answer" and run.flying:
            reserved = run.flying.pop(0)
            cost = reserved * part / 100
            run.left += reserved - cost
            run.answered += cost
        elif what == "commit":
            self.spent += run.answered
            run.held -= run.answered
            run.answered = NOTHING
        elif what == "die":
            self.runs[number] = Run()


@given(st.tuples(money, money), st.lists(acts, max_size=60))
def test_what_is_spent_and_held_never_exceeds_a_budget(limits: tuple[Decimal, Decimal], done: list[tuple]) -> None:  # type: ignore[type-arg]
    world = World(limits)
    for act in done:
        world.act(*act)
        held = sum((run.held for run in world.runs), NOTHING)
        assert world.spent + held <= min(limits) or held == 0 == world.spent
        assert [run.held for run in world.runs] == [run.left + sum(run.flying) + run.answered for run in world.runs]
        assert all(run.left >= 0 for run in world.runs)


@given(st.tuples(money, money), st.lists(acts, max_size=60), need)
def test_whoever_is_refused_has_given_back_so_that_the_rest_is_never_stuck(
    limits: tuple[Decimal, Decimal],
    done: list[tuple],  # type: ignore[type-arg]
    most: Decimal,
) -> None:
    world = World(limits)
    for act in done:
        world.act(*act)
    for run in world.runs:
        while run.flying:
            world.act("answer", world.runs.index(run), most, 50)
        world.act("commit", world.runs.index(run), most, 0)
    affordable = min(limits) - world.spent >= most
    refused = []
    for run in [*world.runs, *world.runs]:  # at the second time everybody has given back, or somebody can go on
        exhausted = world.draw(run, most)
        assert (exhausted is None) == affordable
        refused.append(run.left < most)
    assert all(refused) != affordable


def test_a_block_is_a_share_of_what_is_free_for_so_many_calls_and_one_call_at_the_least() -> None:
    one = Decimal("0.5")

    def block(limit: Decimal, spent: Decimal = NOTHING) -> Decimal:
        return grant([Budget("job", limit, spent)], NOTHING, one).usd

    assert block(Decimal(1_000_000)) == one * CALLS_AHEAD
    assert block(Decimal(160)) == Decimal(160) / SHARE
    assert block(Decimal(160), Decimal(159)) == one
    assert block(Decimal(160), Decimal("159.6")) == 0


def test_without_any_budget_left_to_keep_a_run_just_goes_on() -> None:
    assert grant([], NOTHING, CENT).usd == CENT * CALLS_AHEAD


def test_of_several_budgets_that_cannot_pay_the_one_with_the_least_left_is_named() -> None:
    day, month = Budget("day", Decimal(5), Decimal(4)), Budget("month", Decimal(50), Decimal("49.5"))
    assert grant([day, month], NOTHING, Decimal(2)).exhausted == month
    assert grant([day, month], NOTHING, Decimal("0.8")).exhausted == month
    assert grant([day, month], NOTHING, Decimal("0.4")).exhausted is None
