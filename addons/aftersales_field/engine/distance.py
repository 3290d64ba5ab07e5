"""How far places are from each other, and how long the road between them takes.

Without a map the length of a road is the great circle times a factor: roads are a
quarter to a half longer than the straight line in most countries.
"""

from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088


def _get_vector(point):
    """Return the point of the unit sphere at ``(latitude, longitude)`` in degrees."""
    latitude, longitude = radians(point[0]), radians(point[1])
    across = cos(latitude)
    return across * cos(longitude), across * sin(longitude), sin(latitude)


def _get_arc(vector, other):
    chord = sqrt(
        (vector[0] - other[0]) ** 2
        + (vector[1] - other[1]) ** 2
        + (vector[2] - other[2]) ** 2
    )
    return 2 * EARTH_KM * asin(min(1.0, chord / 2))


def get_distance(point, other):
    """Return the great-circle distance in km of two ``(latitude, longitude)``."""
    return _get_arc(_get_vector(point), _get_vector(other))


def get_distances(points, factor=1.3, unknown=15.0):
    """Return the kilometres of road between all points, as a list of rows.

    :param list points: ``(latitude, longitude)`` in degrees; None for a place whose
        coordinates nobody knows
    :param float factor: how much longer the road is than the great circle
    :param float unknown: the kilometres to and from a place without coordinates
    """
    vectors = [point and _get_vector(point) for point in points]
    rows = [[0.0] * len(points) for _point in points]
    for index, vector in enumerate(vectors):
        row = rows[index]
        for other in range(index):
            known = vector and vectors[other]
            km = factor * _get_arc(vector, vectors[other]) if known else unknown
            row[other] = rows[other][index] = km
    return rows


def get_travel(distances, speed=40.0, fixed=0):
    """Return the seconds between all places, as a list of rows.

    :param list distances: kilometres, as ``get_distances`` returns them
    :param float speed: km/h on the road, traffic lights and all
    :param int fixed: seconds that each journey takes besides: parking, the gate
    """
    pace = 3600 / speed
    rows = [[round(km * pace) + fixed for km in row] for row in distances]
    for index, row in enumerate(rows):
        row[index] = 0
    return rows


def get_length(distances, places):
    """Return the kilometres of a way through places, given as indices."""
    return sum(distances[place][other] for place, other in pairwise(places))
