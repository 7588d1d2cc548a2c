"""A first look at a users' file without running it: is it Python, and is the class there?

What this says is said before anything starts; what only running tells, the load engine tells later.
"""

import ast
import difflib

from harness.errors import Place, Problem


def script_problems(body: bytes, file: str, name: str) -> tuple[Problem, ...]:
    """What is wrong with a users' file that should define the class `name`; empty where nothing is seen."""
    lines = body.decode("utf-8", "replace").splitlines()
    try:
        module = ast.parse(body, filename=file)
    except SyntaxError as error:
        line = error.lineno or 1
        text = lines[line - 1] if 0 < line <= len(lines) else None
        place = Place(file=file, line=line, column=error.offset or 1, text=text)
        return (Problem(message=f"this is not Python: {error.msg}", place=place),)
    except ValueError as error:
        return (Problem(message=f"this is not Python: {error}", place=Place(file=file)),)
    classes = {node.name: node for node in ast.walk(module) if isinstance(node, ast.ClassDef)}
    if name in classes or name in _imported(module):
        return ()
    near = difflib.get_close_matches(name, classes, n=1, cutoff=0.5)
    known = f"there are: {', '.join(sorted(classes))}" if classes else "derive one from harness.kit.load.ApiUser"
    hint = f"did you mean `{near[0]}`?" if near else known
    return (Problem(message=f"there is no user class `{name}`", place=Place(file=file, line=1), hint=hint),)


def _imported(module: ast.Module) -> set[str]:
    """Names that are there without a class statement of this file: imported or assigned."""
    names: set[str] = set()
    for node in ast.walk(module):
        match node:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update((alias.asname or alias.name).partition(".")[0] for alias in aliases)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
    return names
