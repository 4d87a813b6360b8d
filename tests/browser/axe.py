"""axe-core, from npm, in a cache that git does not see."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

VERSION = "4.11.0"


def axe_core(config: pytest.Config) -> str:
    """Source of axe-core; skips the test, saying why, where npm cannot provide it."""
    folder = Path(config.cache.mkdir("axe-core"))
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        if not shutil.which("npm"):
            pytest.skip("there is no npm here: accessibility was not checked by axe-core")
        command = [
            "npm",
            "install",
            "--prefix",
            str(folder),
            "--no-audit",
            "--no-fund",
            f"axe-core@{VERSION}",
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
        except (subprocess.SubprocessError, OSError) as error:
            told = getattr(error, "stderr", None) or error
            pytest.skip(f"axe-core could not be installed, so accessibility was not checked: {told}")
    return script.read_text(encoding="utf-8")


def violations(page: Page, source: str, within: str = "html") -> list[str]:
    """What axe-core finds wrong in a part of a page: its rule, and where."""
    page.evaluate(source)
    found = page.evaluate("(within) => axe.run(within)", within)["violations"]
    return [f"{one['id']}: {node['target']} {node['html'][:200]}" for one in found for node in one["nodes"]]
