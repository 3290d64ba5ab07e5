"""Odoo from the Debian archive, unpacked into a folder of ours.

apt runs with a configuration, lists and cache of its own, so nothing changes on
the machine and no root is needed. apt checks the archive's signature and the
checksum of every package.
"""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from .common import LOCAL, output, run, say

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ODOO, ODOO_SUITE = "odoo-19", "sid"
# The web client's static files are symbolic links into these packages. They come
# from trixie: sid has font-awesome 7, and Odoo needs 4.7.
STATIC_SUITE = "trixie"
STATIC = (
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
# Not unpacked: a second copy of the add-ons without static files, and documents.
SKIP = (
    "./etc",
    "./usr/lib/python3/dist-packages/addons",
    "./usr/lib/python3/dist-packages/doc",
    "./usr/lib/python3/dist-packages/setup",
    "./usr/share/bug",
    "./usr/share/lintian",
)
SUITES = (
    "bullseye bookworm trixie forky duke sid oldstable stable testing unstable".split()
)


def fetch(target):
    """Unpack Odoo into ``target`` and say which version; LookupError when it
    cannot be had this way."""
    for program in ("apt-get", "dpkg-deb", "tar", "bash"):
        if not shutil.which(program):
            raise LookupError(f"this machine has no {program}")
    mirror = find_mirror()
    if not mirror:
        raise LookupError(
            "no Debian mirror in this machine's apt sources (DEBIAN_MIRROR names one)"
        )
    if not os.path.exists(KEYRING):
        raise LookupError(f"{KEYRING} is missing: install debian-archive-keyring")
    home = LOCAL / "apt"
    apt_get = PrivateApt(home, mirror)
    say(f"  apt: package lists of {ODOO_SUITE} and {STATIC_SUITE}")
    apt_get("update")
    wanted = [f"{ODOO}/{ODOO_SUITE}", *(f"{name}/{STATIC_SUITE}" for name in STATIC)]
    say(f"  apt: {len(wanted)} packages, 135 MB")
    debs = home / "debs"
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir()
    apt_get("download", *wanted, cwd=debs)
    packages = sorted(debs.glob("*.deb"))
    if len(packages) != len(wanted):
        raise LookupError(f"apt-get fetched {len(packages)} of {len(wanted)} packages")
    say("  unpacking")
    target.mkdir(parents=True)
    for package in packages:
        unpack(package, target, package.name.startswith(f"{ODOO}_"))
    version = next(p.name.split("_")[1] for p in packages if p.name.startswith(ODOO))
    shutil.rmtree(home, ignore_errors=True)
    return f"debian {ODOO} {version}"


def find_mirror():
    """The base address of a Debian archive that this machine already uses."""
    if os.environ.get("DEBIAN_MIRROR"):
        return os.environ["DEBIAN_MIRROR"].rstrip("/")
    # --print-uris needs neither root nor downloaded lists.
    return mirror_in(output(["apt-get", "update", "--print-uris"]) or "")


def mirror_in(uris):
    """The mirror in what ``apt-get update --print-uris`` prints, or ``None``."""
    suite = rf"({'|'.join(SUITES)})(-updates|-backports)?"
    for base, name in re.findall(r"'(\S+?)/dists/([^/']+)/", uris):
        if re.fullmatch(suite, name) and "security" not in base:
            return base
    return None


class PrivateApt:
    """apt-get with its whole state in one folder."""

    def __init__(self, home, mirror):
        for folder in (
            "etc/apt.conf.d",
            "etc/preferences.d",
            "etc/sources.list.d",
            "etc/trusted.gpg.d",
            "state/lists/partial",
            "cache/archives/partial",
        ):
            (home / folder).mkdir(parents=True, exist_ok=True)
        (home / "state/status").touch()
        # sid's Release file is valid for a week, which a mirror may lag behind.
        # The signature is still checked: an old list is only old.
        options = f"arch=amd64 signed-by={KEYRING} check-valid-until=no"
        (home / "etc/sources.list").write_text(
            f"deb [{options}] {mirror} {ODOO_SUITE} main\n"
            f"deb [{options}] {mirror} {STATIC_SUITE} main\n"
        )
        conf = home / "apt.conf"
        conf.write_text(self._configuration(home))
        self.env = {**os.environ, "APT_CONFIG": str(conf), "LC_ALL": "C"}

    def _configuration(self, home):
        proxies = re.findall(
            r'^Acquire::https?::Proxy(?:-Auto-Detect)? ".*$',
            output(["apt-config", "dump"]) or "",
            re.M,
        )
        return "\n".join(
            [
                f'Dir "{home}/";',
                f'Dir::Etc "{home}/etc";',
                f'Dir::Etc::sourcelist "{home}/etc/sources.list";',
                f'Dir::Etc::sourceparts "{home}/etc/sources.list.d";',
                f'Dir::Etc::parts "{home}/etc/apt.conf.d";',
                f'Dir::Etc::preferencesparts "{home}/etc/preferences.d";',
                f'Dir::Etc::trustedparts "{home}/etc/trusted.gpg.d";',
                f'Dir::State "{home}/state";',
                f'Dir::State::status "{home}/state/status";',
                f'Dir::Cache "{home}/cache";',
                'APT::Architecture "amd64";',
                'APT::Architectures { "amd64"; };',
                'APT::Get::AllowUnauthenticated "false";',
                'APT::Sandbox::User "";',  # _apt could not read root's folders
                # Without it `apt-get update` succeeds when no server answers.
                'APT::Update::Error-Mode "any";',
                'Acquire::Languages "none";',
                'Acquire::PDiffs "false";',
                'Acquire::Retries "3";',
                'Acquire::http::Timeout "60";',
                *proxies,
                "",
            ]
        )

    def __call__(self, *args, cwd=None):
        result = subprocess.run(
            ["apt-get", "-q", *args],
            env=self.env,
            cwd=cwd,
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        lines = result.stdout.splitlines()
        if result.returncode or "Failed to fetch" in result.stdout:  # older apt warns
            bad = " ".join(line for line in lines if line.startswith(("E:", "W:")))
            raise LookupError(f"apt-get {args[0]}: {bad[:400] or result.returncode}")


def unpack(package, target, translated):
    """Unpack one package. ODOO_LANGS ("zh_CN zh_TW") limits the translations of
    Odoo, which are two thirds of its 1.2 GB."""
    tar = ["tar", "-x", "-C", str(target), "--no-same-owner"]
    tar += [f"--exclude={path}" for path in SKIP]
    data = f"dpkg-deb --fsys-tarfile {shlex.quote(str(Path(package)))}"
    languages = os.environ.get("ODOO_LANGS", "").split()
    if translated and languages:
        chosen = shlex.join(
            [*tar, "--wildcards", *(f"*/i18n*/{lang}.po" for lang in languages)]
        )
        rest = shlex.join(
            [*tar, "--exclude=*/i18n/*.po", "--exclude=*/i18n_extra/*.po"]
        )
        # A language may be absent from the package, which tar reports as failure.
        script = f"{data} | {rest} && {{ {data} | {chosen} || true; }}"
    else:
        script = f"{data} | {shlex.join(tar)}"
    run(["bash", "-o", "pipefail", "-c", script])
