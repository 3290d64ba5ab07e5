"""Two clocks turned at once: a technician still does one thing at a time."""

import pytest
import workshop
from test_concurrency import Call, Site

from devkit import sandbox

ENTRIES = (
    "SELECT job_id, stop IS NULL FROM aftersales_clock_entry"
    " WHERE employee_id = %s ORDER BY id"
)


@pytest.fixture(scope="module")
def site():
    with sandbox.database() as name:
        shop = workshop.prepare(name)
        with sandbox.Server(name, workers=3, log_level="info") as server:
            yield Site(name, server, shop)


def approved_jobs(site):
    """Two approved jobs of the technician, on two orders."""
    jobs = []
    for _number in range(2):
        order = site.approved()
        ((job,),) = site.sql("SELECT id FROM aftersales_job WHERE order_id = %s", order)
        site.advisor.call(
            "aftersales.job",
            "write",
            [job],
            vals={"technician_id": site.shop["employee"]},
        )
        jobs.append(job)
    return jobs


def clock_on(site, job, operation):
    return (site.technician, "aftersales.job", "action_clock_on", [job]), {
        "operation": operation
    }


def meet(site, *calls):
    """Let the calls meet at the technician and return their answers."""
    with site.held("hr_employee", [site.shop["employee"]], callers=len(calls)):
        started = [Call(*args, **kwargs) for args, kwargs in calls]
    return [call.result() for call in started]


def stop(site):
    site.technician.call("aftersales.clock.entry", "clock_stop")


def test_two_jobs_at_once(site):
    first, second = approved_jobs(site)
    answers = meet(site, clock_on(site, first, "a"), clock_on(site, second, "b"))
    assert answers == [True, True]
    entries = site.sql(ENTRIES, site.shop["employee"])
    assert {job for job, _running in entries} == {first, second}
    assert [running for _job, running in entries] == [False, True]
    stop(site)


def test_same_press_twice_at_once(site):
    first, _second = approved_jobs(site)
    before = len(site.sql(ENTRIES, site.shop["employee"]))
    call = clock_on(site, first, "once")
    assert meet(site, call, call) == [True, True]
    entries = site.sql(ENTRIES, site.shop["employee"])[before:]
    assert entries == [(first, True)]
    stop(site)
