import psycopg2

from odoo.exceptions import UserError


def pre_init_hook(env):
    """Create the database extension that keeps bookings from overlapping.

    :raises UserError: saying what to ask for, if this database user may not
    """
    try:
        with env.cr.savepoint(flush=False):
            env.cr.execute(
                "CREATE EXTENSION IF NOT EXISTS btree_gist", log_exceptions=False
            )
    except psycopg2.Error as error:
        raise UserError(
            env._(
                "Bookings are kept from overlapping by the PostgreSQL extension "
                "“btree_gist”, which could not be created: %(reason)s\nAsk the "
                "administrator of the database to install it and to run “CREATE "
                "EXTENSION btree_gist” in %(database)s, then install again.",
                reason=str(error).strip(),
                database=env.cr.dbname,
            )
        ) from error
