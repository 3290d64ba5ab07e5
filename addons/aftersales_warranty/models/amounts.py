def split_amount(total, weights, currency):
    """Return ``total`` in shares in proportion to ``weights``, to the cent.

    What rounding leaves goes to the heaviest. Without any weight, all of it is the
    first one's.
    """
    weights = list(weights)
    whole = sum(weights)
    if not weights:
        return []
    if not whole:
        return [total] + [0.0] * (len(weights) - 1)
    shares = [currency.round(total * weight / whole) for weight in weights]
    heaviest = max(range(len(weights)), key=lambda index: abs(weights[index]))
    shares[heaviest] = currency.round(shares[heaviest] + total - sum(shares))
    return shares


def fill_amount(total, limits, currency):
    """Return ``total`` poured into ``limits`` one after the other, and what is left."""
    shares = []
    for limit in limits:
        share = currency.round(max(min(total, limit), 0.0))
        shares.append(share)
        total = currency.round(total - share)
    return shares, total
