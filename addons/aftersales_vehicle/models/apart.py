import logging

_logger = logging.getLogger(__name__)


def run_apart(records, step):
    """Run ``step(records)``; what fails is found by halves, logged and left out.

    All goes well in one call, inside one savepoint; a bad record costs some more.

    :param step: method that takes the records
    :return: the records that failed
    """
    try:
        with records.env.cr.savepoint():
            step(records)
    except Exception:
        if len(records) > 1:
            half = len(records) // 2
            return run_apart(records[:half], step) | run_apart(records[half:], step)
        _logger.exception("%s %s is left out", records._description, records.id)
        return records
    return records.browse()
