"""Within an add-on, what others extend is loaded first: nothing hides an override."""

import ast
from collections import defaultdict

import pytest

from devkit.addons import manifests
from devkit.common import ADDONS


def get_files(package):
    """Return the modules of ``package`` as ``__init__`` loads them."""
    files = []
    for node in ast.parse((package / "__init__.py").read_text()).body:
        if not isinstance(node, ast.ImportFrom) or node.level != 1 or node.module:
            continue
        for name in (alias.name for alias in node.names):
            path = package / name
            files += get_files(path) if path.is_dir() else [path.with_suffix(".py")]
    return files


def get_models(tree):
    """Return ``[(model, class)]`` of a module; mixins of a new model are not it."""
    models = []
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        named = {
            part.targets[0].id: ast.literal_eval(part.value)
            for part in node.body
            if isinstance(part, ast.Assign)
            and isinstance(part.targets[0], ast.Name)
            and part.targets[0].id in ("_name", "_inherit")
        }
        model = named.get("_name") or named.get("_inherit")
        if isinstance(model, str):
            models.append((model, node))
    return models


def goes_on(method):
    return any(
        isinstance(node, ast.Name) and node.id == "super" for node in ast.walk(method)
    )


def get_hidden(files):
    """Return what a definition without ``super()`` hides that was loaded before."""
    seen, hidden = defaultdict(list), []
    for file in files:
        for model, node in get_models(ast.parse(file.read_text())):
            for method in node.body:
                if not isinstance(method, ast.FunctionDef):
                    continue
                before = seen[model, method.name]
                if before and not goes_on(method):
                    hidden.append(f"{model}.{method.name}: {before} by {file.name}")
                before.append(file.name)
    return hidden


@pytest.mark.parametrize("addon", manifests())
def test_nothing_is_hidden(addon):
    assert not get_hidden(get_files(ADDONS / addon))


def test_hidden_is_found(tmp_path):
    base = "class A(models.Model):\n    _{} = 'a'\n    def run(self):\n        {}\n"
    early, late = tmp_path / "early.py", tmp_path / "late.py"
    early.write_text(base.format("inherit", "return super().run()"))
    late.write_text(base.format("inherit", "return True"))
    (tmp_path / "__init__.py").write_text("from . import early\nfrom . import late\n")
    assert get_hidden(get_files(tmp_path)) == ["a.run: ['early.py'] by late.py"]
    (tmp_path / "__init__.py").write_text("from . import late\nfrom . import early\n")
    assert not get_hidden(get_files(tmp_path))
