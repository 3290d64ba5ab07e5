"""The add-ons of this repository, and what identifies their content."""

import ast
import hashlib
import importlib.util
import shutil

from .common import ADDONS, say


def manifests():
    """Installable add-ons: name -> manifest."""
    found = {}
    for path in sorted(ADDONS.glob("*/__manifest__.py")):
        manifest = ast.literal_eval(path.read_text())
        if manifest.get("installable", True):
            found[path.parent.name] = manifest
    return found


def usable(own):
    """``own`` without the add-ons that this machine cannot install, nor those
    that depend on them; says which and why."""
    result = dict(own)
    for name, manifest in own.items():
        needs = manifest.get("external_dependencies", {})
        missing = [tool for tool in needs.get("bin", []) if not shutil.which(tool)]
        missing += [
            library
            for library in needs.get("python", [])
            if not importlib.util.find_spec(library)
        ]
        if missing:
            say(f"left out: {name} needs {', '.join(missing)}")
            del result[name]
    while lost := [
        name
        for name, manifest in result.items()
        if set(manifest.get("depends", [])) & (set(own) - set(result))
    ]:
        for name in lost:
            say(f"left out: {name} depends on one that was left out")
            del result[name]
    return result


def closure(own, wanted):
    """The add-ons in ``wanted`` and those of ours that they need."""
    result, queue = set(), list(wanted)
    while queue:
        name = queue.pop()
        if name in own and name not in result:
            result.add(name)
            queue += own[name].get("depends", [])
    return {name: own[name] for name in sorted(result)}


def foreign_dependencies(own):
    """What ours need from Odoo and others."""
    needed = {name for manifest in own.values() for name in manifest.get("depends", [])}
    return sorted(needed - set(own) | {"web"})


def content_key(name):
    """Changes with anything that installing or updating the add-on reads; tests
    and static files are read when they are used."""
    result = hashlib.sha256()
    for path in sorted((ADDONS / name).rglob("*")):
        relative = path.relative_to(ADDONS / name)
        if relative.parts[0] in ("tests", "static") or "__pycache__" in relative.parts:
            continue
        if path.is_file():
            result.update(f"{relative}\0".encode() + path.read_bytes() + b"\0")
    return result.hexdigest()[:12]


def content_keys(own):
    return {name: content_key(name) for name in own}
