#!/bin/bash
# Runs once in a new deployment: docker compose run --rm init
set -eu
password=$(cat /run/secrets/admin_password)
if [ ${#password} -lt 12 ]; then
    echo "ADMIN_PASSWORD needs 12 characters or more" >&2
    exit 1
fi
/entrypoint.sh odoo -i "$ODOO_MODULES" --load-language="$ODOO_LANGUAGES" \
    --stop-after-init --no-http
# A new database has a well-known password for admin. The proxy is not running yet.
/entrypoint.sh odoo shell --no-http <<'PYTHON'
with open("/run/secrets/admin_password") as secret:
    env.ref("base.user_admin").password = secret.read().strip()
env.cr.commit()
PYTHON
