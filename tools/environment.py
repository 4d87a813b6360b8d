"""Print environment.yml, made from pyproject.toml: python tools/environment.py > environment.yml."""

import tomllib
from pathlib import Path

FROM_CONDA = ("jupyterlab", "matplotlib", "nltk", "numpy", "pandas", "papermill", "scikit-learn", "scipy")
FROM_CONDA += ("seaborn",)


def environment() -> str:
    """Text of environment.yml: the well-known packages from conda-forge, the others by pip."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    required = project["dependencies"]
    conda = [line for line in required if line.split(">=")[0] in FROM_CONDA]
    lines = [
        "# Made from pyproject.toml by tools/environment.py; edit that file, not this one.",
        f"name: {project['name']}",
        "channels: [conda-forge, nodefaults]",
        "dependencies:",
        f'  - "python{project["requires-python"]}"',
        "  - pip",
        *(f'  - "{line}"' for line in conda),
        "  - pip:",
        *(f'      - "{line}"' for line in required if line not in conda),
        "      - --editable .",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(environment(), end="")
