"""Drawing of the cost of a guarantee over the age of its units."""

from markupsafe import Markup


def draw_curve(points, labels, format_value):
    """Return an SVG drawing of ``[(age, seen or None, expected or None)]``.

    Columns are what was seen, the line is what is expected.

    :param dict labels: ``title``, and the names of ``seen``, ``ahead`` and ``age``
    :param format_value: function that writes a value with its currency
    """
    values = [value for point in points for value in point[1:] if value is not None]
    if not values or max(values) <= 0:
        return False
    top, width, height = max(values), 720, 206
    left, base = 70, 170
    ages = [age for age, *_values in points]
    step = (width - left - 10) / (max(ages) + 1)
    every = max(1, round((max(ages) + 1) / 12))

    def place(age, value):
        return left + age * step, base - max(value, 0.0) / top * (base - 30)

    columns, line, ticks = [], [], []
    for age, seen, ahead in points:
        if seen is not None:
            x, y = place(age, seen)
            columns.append(
                Markup(
                    '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" '
                    'fill="currentColor" fill-opacity="0.25"><title>%s</title></rect>'
                )
                % (
                    x + step * 0.1,
                    y,
                    step * 0.8,
                    base - y,
                    f"{age}: {format_value(seen)}",
                )
            )
        if ahead is not None:
            x, y = place(age, ahead)
            line.append(f"{x:.1f},{y:.1f} {x + step:.1f},{y:.1f}")
        if age % every == 0:
            ticks.append(
                Markup('<text x="%.1f" y="%d" text-anchor="middle">%d</text>')
                % (left + (age + 0.5) * step, base + 14, age)
            )
    grid = [
        Markup(
            '<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="currentColor" '
            'stroke-opacity="0.15"/>'
            '<text x="%d" y="%.1f" text-anchor="end">%s</text>'
        )
        % (left, width - 10, y, y, left - 6, y + 4, format_value(value))
        for value in (0, top / 2, top)
        for y in (place(0, value)[1],)
    ]
    return Markup(
        '<figure class="m-0"><svg viewBox="0 0 %(width)d %(height)d" role="img" '
        'aria-label="%(title)s" font-size="11" fill="currentColor" '
        'style="width: 100%%; max-width: 60rem">'
        '<text x="%(left)d" y="14" font-weight="bold">%(title)s</text>'
        '<rect x="%(key_seen)d" y="6" width="10" height="10" fill-opacity="0.25"/>'
        '<text x="%(key_seen_text)d" y="15">%(seen)s</text>'
        '<line x1="%(key_line)d" x2="%(key_line_end)d" y1="11" y2="11" '
        'stroke="currentColor" stroke-width="2"/>'
        '<text x="%(key_line_text)d" y="15">%(ahead)s</text>'
        "%(grid)s%(columns)s"
        '<polyline points="%(line)s" fill="none" stroke="currentColor" '
        'stroke-width="2"/>'
        '%(ticks)s<text x="%(middle)d" y="%(bottom)d" text-anchor="middle">%(age)s'
        "</text></svg></figure>"
    ) % {
        "width": width,
        "height": height,
        "left": left,
        **labels,
        "key_seen": width - 200,
        "key_seen_text": width - 186,
        "key_line": width - 110,
        "key_line_end": width - 92,
        "key_line_text": width - 86,
        "grid": Markup().join(grid),
        "columns": Markup().join(columns),
        "line": " ".join(line),
        "ticks": Markup().join(ticks),
        "middle": (left + width) // 2,
        "bottom": base + 28,
    }
