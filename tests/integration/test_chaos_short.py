"""The short form of `make chaos`, and the proof that its harness notices what it is there for."""

import secrets
from pathlib import Path

import pytest
from chaos.report import ZEROES
from chaos.run import run_all, short
from services import Scope

from infra.stack import LocalStack


@pytest.mark.timeout(420)
def test_nothing_is_lost_doubled_or_stale_whatever_dies(
    stack: LocalStack, scope: Scope, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def tell(line: str) -> None:
        with capsys.disabled():
            print(f"  chaos: {line}", flush=True)

    plan = short(seed=secrets.randbelow(10**6))
    found = run_all(stack, scope, plan, tmp_path, tell)
    assert {name: found[name] for name in ZEROES} == dict.fromkeys(ZEROES, 0), (plan.seed, found["examples"])
    assert found["operations"] >= plan.operations
    assert found["kills_at_failpoints"] == sorted(plan.failpoints)
    assert found["zombies"] == plan.sabotage.zombies
    assert found["moments_in_answers"] > 100
