import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

FAULT = """
    from cordboard.events import feed

    async def broken(*_):
        raise RuntimeError("the record is unreadable")

    def test_looks_at_nothing_but_the_status(cordboard, monkeypatch):
        monkeypatch.setattr(feed, "page", broken)
        assert cordboard.http.get("/cordboard/v1/Events").status == 500
"""


def test_a_500_fails_the_test_that_did_not_look_with_the_servers_traceback(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAULT)
    ran = pytester.runpytest_inprocess()
    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines(["*ServerFault: cordboard.rest: *GET ListEvents failed*"])
    ran.stdout.fnmatch_lines(["*RuntimeError: the record is unreadable*"])


def test_a_test_that_provokes_a_fault_takes_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f'{FAULT}        assert "unreadable" in "".join(cordboard.faults.take())')
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_what_a_task_of_the_server_leaves_behind_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import asyncio, gc

        async def leave_behind():
            async def fail():
                raise RuntimeError("nobody looks")
            asyncio.create_task(fail())
            await asyncio.sleep(0)

        def test_passes(cordboard):
            cordboard.call(leave_behind())
            gc.collect()
    """)
    ran = pytester.runpytest_inprocess()
    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines(["*RuntimeError: nobody looks*"])


def test_a_failed_test_tells_the_seed_with_which_it_is_repeated(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_fails(cordboard):
            assert not cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "a key"}).json["sid"]
    """)
    first = pytester.runpytest_inprocess()
    (told,) = [line for line in first.outlines if "--cordboard-seed=" in line]
    again = pytester.runpytest_inprocess(told[told.index("--cordboard-seed=") :])
    (sid,) = [line for line in first.outlines if line.startswith("E ") and "SK" in line]
    assert sid in again.outlines


def test_a_marker_with_other_arguments_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.cordboard(7)
        def test_unnamed(cordboard):
            pass

        @pytest.mark.cordboard(sed=7)
        def test_misspelt(cordboard):
            pass
    """)
    ran = pytester.runpytest_inprocess()
    ran.assert_outcomes(errors=2)
    ran.stdout.fnmatch_lines(["*pytest.mark.cordboard takes seed=<int>, start=<ISO 8601 time> and floor=<seed file>*"])


def test_who_does_not_use_the_fixture_does_not_load_the_server() -> None:
    heavy = "{'twilio', 'requests', 'starlette', 'uvicorn', 'uvloop', 'msgspec', 'cryptography', 'cordboard.server'}"
    program = f"import sys, pytest, cordboard.testkit.plugin; print({heavy} & sys.modules.keys() or 'light')"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "light"
