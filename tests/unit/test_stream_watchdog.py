import pytest

from stream.watchdog import Course, Glimpse, Watchdog, taken_by_another

STUCK = Course(lag=3, busy=0, committed=10, admitted=4)


def seen(course: Course = STUCK, *, outage: bool = False, in_group: bool = True) -> Glimpse:
    return Glimpse(outage, in_group, {"uploads": course, "spans": Course()})


def complaint(*glimpses: Glimpse) -> str:
    """Shows a watchdog with a patience of 300 s one glimpse every 100 s; returns its last word."""
    watchdog = Watchdog(300.0, join_seconds=100.0)
    for number, glimpse in enumerate(glimpses):
        watchdog.look(glimpse, 1000.0 + 100.0 * number)
    return watchdog.complaint


FOUR_STUCK = (seen(),) * 5


def test_records_that_nobody_takes_are_a_complaint_that_says_so() -> None:
    assert complaint(*FOUR_STUCK) == "3 records have waited in uploads and none was taken or finished for 300 s"


def test_patience_is_not_over_too_early() -> None:
    assert complaint(*FOUR_STUCK[:-1]) == ""


@pytest.mark.parametrize(
    "progress",
    [
        pytest.param(seen(Course(lag=0, busy=0, committed=13, admitted=4)), id="nothing waits"),
        pytest.param(seen(Course(lag=3, busy=0, committed=11, admitted=4)), id="a commit moved"),
        pytest.param(seen(Course(lag=3, busy=0, committed=10, admitted=5)), id="a message was taken"),
        pytest.param(seen(Course(lag=3, busy=1, committed=10, admitted=4)), id="a span runs or is parked"),
        pytest.param(seen(outage=True), id="a service is down"),
    ],
)
def test_progress_starts_the_patience_again(progress: Glimpse) -> None:
    assert complaint(seen(), seen(), seen(), progress, seen(), seen(), seen()) == ""
    assert complaint(seen(), seen(), seen(), progress, *FOUR_STUCK, seen()) != ""


def test_an_outage_longer_than_the_patience_is_none() -> None:
    assert complaint(*[seen(outage=True)] * 20) == ""
    assert complaint(*[seen(outage=True, in_group=False)] * 20) == ""


def test_long_work_is_no_complaint() -> None:
    assert complaint(*[seen(Course(lag=500, busy=64, committed=10, admitted=64))] * 20) == ""


def test_an_idle_worker_is_no_complaint() -> None:
    assert complaint(*[seen(Course(committed=10, admitted=4))] * 20) == ""


def test_a_worker_that_finds_no_place_in_its_group_is_one_complaint() -> None:
    out = seen(Course(), in_group=False)
    assert complaint(*[out] * 4) == "", "the group waits so long for a member that died"
    assert complaint(*[out] * 5) == "the worker has had no place in its consumer group for 400 s"


def test_one_topic_that_moves_does_not_excuse_another() -> None:
    glimpses = [Glimpse(topics={"uploads": STUCK, "spans": Course(committed=n)}) for n in range(6)]
    assert complaint(*glimpses).startswith("3 records have waited in uploads")


def test_the_complaint_goes_when_there_is_progress() -> None:
    assert complaint(*FOUR_STUCK, seen(Course(lag=3, busy=2, committed=10, admitted=6))) == ""


def test_a_second_worker_of_the_same_name_ends_the_first_at_once() -> None:
    assert complaint(Glimpse(rival="a")) == "another worker has the name a: give each its own (KADR_WORKER_NAME)"


OWN, NEWER = "a-3f2b8c1e-0000-4000-8000-000000000001", "a-3f2b8c1e-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("name", "member", "members", "taken"),
    [
        ("a", OWN, [NEWER], True),
        ("a", OWN, [OWN], False),
        ("a", OWN, [], False),
        ("a", OWN, [f"b{NEWER[1:]}", f"a-a{NEWER[1:]}"], False),
        ("a", "", [NEWER], False),
        ("", "faust-0.15.3-" + OWN[2:], [NEWER], False),
    ],
)
def test_a_name_is_taken_if_the_group_has_another_member_under_it(
    name: str, member: str, members: list[str], taken: bool
) -> None:
    assert taken_by_another(name, member, members) is taken
