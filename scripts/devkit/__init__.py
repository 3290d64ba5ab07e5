"""What stands behind scripts/up, scripts/test and their siblings.

One module per concern, standard library only (psycopg2 once the environment is
made), everything that is written goes below ``.local/``:

common       paths, messages, subprocesses, locks
odoo_source  which Odoo 19 is used; ``debian`` unpacks the one of the Debian archive
python_env   the virtual environment with requirements.txt
system       optional programs: browser, PDF tools, fonts
postgres     the private PostgreSQL, or the server that PG* variables name
database     create, copy and drop databases together with their filestore
addons       the add-ons of this repository, and what identifies their content
server       configuration files, Odoo as a command and as a running server
templates    databases kept for reuse, keyed by what they were built from
spread       the plugin of pytest that runs the tests on several processors
sandbox      for tests: a database and a server of one's own
lint         the static checks
commands     the command line
"""
