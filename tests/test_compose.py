"""The deployment: docker-compose.yml is valid, and keeps what it must keep."""

import configparser
import json
import re

import jsonschema
import pytest
import yaml

from devkit.addons import manifests
from devkit.common import REPO

COMPOSE = REPO / "docker-compose.yml"
SCHEMA = REPO / "tests" / "data" / "compose-spec.json"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text())


@pytest.fixture(scope="module")
def production():
    parser = configparser.RawConfigParser()
    parser.read(REPO / "config" / "production.conf")
    return parser["options"]


def volumes(service):
    return [mount.split(":") for mount in service.get("volumes", [])]


def test_follows_the_specification(compose):
    jsonschema.validate(compose, json.loads(SCHEMA.read_text()))


def test_secrets_come_from_the_environment(compose):
    for name, secret in compose["secrets"].items():
        assert set(secret) == {"environment"}, name
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN", key):
                assert key.endswith("_FILE"), f"{name}: {key} is not a secret's file"
                assert value.startswith("/run/secrets/"), f"{name}: {key}"


def test_example_holds_no_password():
    example = (REPO / ".env.example").read_text()
    assert re.findall(r"^\w*PASSWORD=(.*)$", example, re.M) == ["", ""]


def test_what_runs_has_a_health_check_and_starts_again(compose):
    for name, service in compose["services"].items():
        if "jobs" in service.get("profiles", []):
            continue
        assert "healthcheck" in service, name
        assert service["restart"] == "unless-stopped", name


def test_data_is_on_volumes(compose):
    for name, folder in {
        "db": "/var/lib/postgresql/data",
        "db-replica": "/var/lib/postgresql/data",
        "odoo": "/var/lib/odoo",
    }.items():
        sources = [mount[0] for mount in volumes(compose["services"][name])]
        targets = [mount[1] for mount in volumes(compose["services"][name])]
        assert folder in targets, name
        assert sources[targets.index(folder)] in compose["volumes"], name


def test_mounted_and_copied_files_exist(compose):
    for service in compose["services"].values():
        for source, *_target in volumes(service):
            assert not source.startswith(".") or (REPO / source).exists(), source
    dockerfile = (REPO / "config" / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (?:--\S+ )*(\S+)", dockerfile, re.M):
        assert (REPO / source).exists(), source


def test_only_the_proxy_is_open(compose):
    opened = [
        name for name, service in compose["services"].items() if "ports" in service
    ]
    assert opened == ["proxy"]
    assert compose["networks"]["back"] == {"internal": True}


def test_replica_is_behind_its_profile(compose):
    """Odoo 19 takes an empty PGHOST_REPLICA for a development mode, so only the
    profile may set it."""
    replica, odoo = compose["services"]["db-replica"], compose["services"]["odoo"]
    assert replica["profiles"] == ["replica"]
    assert odoo["depends_on"]["db-replica"]["required"] is False
    assert "PGHOST_REPLICA" not in odoo["environment"]
    (env_file,) = odoo["env_file"]
    assert env_file["required"] is False
    assert [path.name for path in (REPO / "config").glob("*.env")] == ["replica.env"]
    profile = env_file["path"].replace("${COMPOSE_PROFILES:-primary}", "replica")
    assert "PGHOST_REPLICA=db-replica\n" in (REPO / profile).read_text()


def test_proxy_leads_to_both_ports(production):
    nginx = (REPO / "config" / "nginx.conf").read_text()
    routes = dict(
        re.findall(r"location (\S+) \{\s+proxy_pass http://\$odoo:(\d+);", nginx)
    )
    assert routes["/"] == "8069"
    assert routes["/websocket"] == production["gevent_port"]
    assert re.search(r"Upgrade +\$http_upgrade", nginx)


def test_production_settings(production):
    assert production.getboolean("proxy_mode")
    assert not production.getboolean("list_db")
    assert production.getint("workers") > 0, "no live updates without workers"
    assert production["admin_passwd"].startswith("$pbkdf2-sha512$")
    assert "db_password" not in production


def test_image_has_the_libraries_of_the_manifests():
    dockerfile = (REPO / "config" / "Dockerfile").read_text()
    pinned = (REPO / "requirements.txt").read_text()
    for name, manifest in manifests().items():
        for library in manifest.get("external_dependencies", {}).get("python", []):
            versions = [
                set(re.findall(rf"\b{library}==([\w.]+)", text))
                for text in (dockerfile, pinned)
            ]
            assert versions[0], f"{name} needs {library}, the image lacks it"
            assert versions[0] == versions[1], f"{library}: tested with another version"
