"""JupyterLab in a real browser: a server of its own, a notebook, and what waits until things are ready."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from cxresearch.comments import load_comments
from cxresearch.study import find_study
from cxresearch.tables import write_table

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
# The badge says "idle" before the session is ready, and running cells then does nothing: wait for all of it.
READY = """async (path) => {
  const until = async (found) => {
    while (!found()) await new Promise((done) => setTimeout(done, 50));
    return found();
  };
  const app = await until(() => window.jupyterapp);
  await app.restored;
  const open = () => [...app.shell.widgets('main')].find((each) => each.context?.path === path);
  const widget = await until(open);
  app.shell.activateById(widget.id);
  await widget.revealed;
  const { ready, sessionContext } = widget.context;
  await ready;
  await sessionContext.ready;
  const { kernel } = await until(() => sessionContext.session);
  await kernel.info;
  await until(() => kernel.connectionStatus === 'connected' && kernel.status === 'idle');
}"""
RUN = """(last) => {
  const app = window.jupyterapp;
  app.shell.currentWidget.content.model.sharedModel.cells[1].setSource(last);
  app.commands.execute('notebook:run-all-cells');
}"""
# Milliseconds from each key to the sign that says its effect is saved, by key, in window.waited
STOPWATCH = """() => {
  window.waited = [];
  let key, since;
  document.addEventListener('keydown', (event) => { [key, since] = [event.key, performance.now()]; }, true);
  const look = ([change]) => change.target.dataset.serial && waited.push([key, performance.now() - since]);
  const options = { attributes: true, attributeFilter: ['data-serial'] };
  new MutationObserver(look).observe(document.querySelector('.cx-sign'), options);
}"""
START = """\
import os
from pathlib import Path
from cxresearch.adjudication import Adjudication
from cxresearch.codebook import load_codebook
from cxresearch.handcoding import load_hand_codes
from cxresearch.screens import AdjudicationScreen, CodingScreen
from cxresearch.session import CodingSession
from cxresearch.tables import read_table
_ = Path("kernel.pid").write_text(str(os.getpid()))
comments = read_table("comments.parquet").set_index("comment_id")
book = load_codebook("codebook.yaml")"""
CODING = "CodingScreen(CodingSession(comments, book, '{coder}.csv', '{coder}'), 'en')"


def sample_study(folder: Path, n: int = 200) -> None:
    """Put codebook and drawn comments of the sample study into a folder; the first comment is hostile."""
    comments = load_comments(find_study(str(ROOT / "study.yaml")))[0].set_index("comment_id")
    drawn = comments.sample(n, random_state=1)
    drawn.iloc[0, drawn.columns.get_loc("text")] = (
        "<img src=x onerror='window.hacked=1'><b>¡Ojo!</b> {text} %s"
    )
    write_table(drawn.reset_index(), folder / "comments.parquet")
    shutil.copy(ROOT / "data" / "raw" / "codebook.yaml", folder)


def notebook(path: Path, *cells: str) -> None:
    """Write a notebook of code cells."""
    code = [{"cell_type": "code", "id": f"cell{n}", "metadata": {}, "outputs": [], "execution_count": None,
             "source": cell} for n, cell in enumerate(cells)]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": code, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


@contextmanager
def lab(folder: Path, own: Path) -> Iterator[str]:
    """A JupyterLab server on `folder`, with all that it keeps under `own`; yields its address."""
    config = own / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
    env = os.environ | {
        f"JUPYTER_{part.upper()}_DIR": str(own / part) for part in ("config", "data", "runtime")
    }
    env |= {"IPYTHONDIR": str(own / "ipython"), "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces")}
    env |= {"JUPYTERLAB_SETTINGS_DIR": str(own / "settings")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ip=127.0.0.1"]
    options += ["--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--allow-root"]
    options += ["--LabApp.expose_app_in_browser=True"]
    with (own / "server.log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}/lab"
            for _ in range(300):
                with suppress(OSError):
                    urlopen(address, timeout=10).close()
                    break
                time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait(20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def open_notebook(browser: Browser, address: str, name: str) -> Page:
    """Open a notebook on a laptop's screen."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{address}/tree/{name}?reset")
    return page


def run(page: Page, name: str, last: str) -> None:
    """Run all cells (the last one anew) once the kernel is ready; wait until its screen has the focus."""
    page.evaluate(READY, name)
    page.evaluate("() => document.querySelectorAll('.cx').forEach((each) => each.classList.add('former'))")
    page.evaluate(RUN, last)
    page.wait_for_function("() => document.activeElement.matches('.cx:not(.former)')")


def press(page: Page, *keys: str) -> None:
    """Press keys, each once the screen has answered the one before."""
    for key in keys:
        page.keyboard.press(key)
        settled(page)


def settled(page: Page) -> None:
    """Wait until all that was done is saved."""
    page.wait_for_function("() => document.querySelector('.cx:not(.former) .cx-sign').dataset.serial")
