"""What is paid back for a thing that was used."""

from datetime import date

PER_KM = 1000


def get_refund(
    kind, price, rate, rate_max=0.0, km=0.0, start=None, end=None, days_out=0
):
    """Return the refund with the use deduction, and the working.

    * ``mileage``: price × kilometres ÷ 1,000 × n. Order 43 of SAMR on household
      cars, use compensation; n is stated by the maker and not above 0.5 %.
    * ``daily``: price × daily rate × days since the invoice, days in repair taken
      out. Rules of 25 August 1995 on appliances.
    * ``none``: the price in one sum.

    :param float rate: percent, of each 1,000 km or each day
    :param float rate_max: percent; the rate is cut to it
    :return: dict with ``deduction``, ``refund`` (unrounded, never below zero) and
        what they came from
    """
    applied = min(rate, rate_max) if rate_max else rate
    working = {"kind": kind, "price": price, "rate": applied, "rate_stated": rate}
    if kind == "mileage":
        deduction = price * max(km, 0.0) / PER_KM * applied / 100
        working["km"] = km
    elif kind == "daily":
        start, end = (
            day if isinstance(day, date) else date.fromisoformat(day)
            for day in (start, end)
        )
        days = max((end - start).days - days_out, 0)
        deduction = price * applied / 100 * days
        working.update(days=days, days_out=days_out)
    else:
        deduction = 0.0
    deduction = min(deduction, price)
    return {**working, "deduction": deduction, "refund": price - deduction}
