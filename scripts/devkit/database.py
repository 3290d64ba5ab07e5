"""Databases, each with its filestore. The connection is libpq's (PG* variables)."""

import json
import os
import shutil
from pathlib import Path

from .common import LOCAL


def sql(statement, *params, database="postgres"):
    """Run one statement outside any transaction; return its rows, if it has some."""
    import psycopg2

    connection = psycopg2.connect(dbname=database)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, params or None)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def names():
    rows = sql("SELECT datname FROM pg_database WHERE NOT datistemplate")
    return {name for (name,) in rows}


def filestore(name) -> Path:
    return LOCAL / "data" / "filestore" / name


def disconnect(name):
    sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND pid <> pg_backend_pid()",
        name,
    )


def drop(name):
    disconnect(name)
    sql(f'DROP DATABASE IF EXISTS "{name}"')
    shutil.rmtree(filestore(name), ignore_errors=True)


def copy(source, name):
    """Copy a database in about a second: PostgreSQL copies files, and the
    filestore is linked, since Odoo adds and removes stored files but never
    changes one."""
    drop(name)
    disconnect(source)  # a database that is copied must have no connection
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    if filestore(source).exists():
        try:
            shutil.copytree(filestore(source), filestore(name), copy_function=os.link)
        except OSError:  # a file system without links
            shutil.rmtree(filestore(name), ignore_errors=True)
            shutil.copytree(filestore(source), filestore(name))


def rename(source, name):
    drop(name)
    disconnect(source)
    sql(f'ALTER DATABASE "{source}" RENAME TO "{name}"')
    if filestore(source).exists():
        filestore(source).rename(filestore(name))


def set_note(name, note):
    """Keep a few facts with the database, as its comment."""
    sql(f'COMMENT ON DATABASE "{name}" IS %s', json.dumps(note, sort_keys=True))


def note(name):
    rows = sql(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = %s",
        name,
    )
    try:
        return json.loads(rows[0][0])
    except (IndexError, TypeError, ValueError):
        return {}
