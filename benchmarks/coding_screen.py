"""How long from a key on the coding screen to the sign that its effect is saved, in JupyterLab and chromium.

    python benchmarks/coding_screen.py [number of comments in the coder's file]

Wanted: under 100 milliseconds, so that nobody waits (Nielsen 1993). Measured in the browser, from the key's
event to the change of the sign; each key means a message to the kernel, the whole file written and renamed,
and an answer. The coder's file holds as many finished comments as stated (200), for writing costs time.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
import lab

KINDS = {"a code": "abcgkz48", "a sentiment": "123", "unsure": "?", "done and next": ["Enter"],
         "undo": ["Backspace"], "previous, next": ["ArrowLeft", "ArrowRight"]}  # fmt: skip


def measure(n: int, rounds: int = 10) -> pd.DataFrame:
    """Milliseconds of every key pressed: columns key, milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        folder, own = Path(name, "study"), Path(name, "lab")
        folder.mkdir()
        lab.sample_study(folder, 200)
        rows = [f"old{each},ana,neutral,ease;loyalty,,,yes,yes,1" for each in range(n)]
        header = "comment_id,coder,sentiment,codes,unsure,memo,blind,done,codebook"
        (folder / "ana.csv").write_text("\n".join([header, *rows]))
        lab.notebook(folder / "code.ipynb", lab.START, "")
        with lab.lab(folder, own) as address, lab.chromium() as browser:
            page = lab.open_notebook(browser, address, "code.ipynb")
            lab.run(page, "code.ipynb", lab.CODING.format(coder="ana"))
            lab.press(page, "a", "a")  # the first keys load what later ones find loaded
            page.evaluate(lab.STOPWATCH)
            for _ in range(rounds):
                lab.press(page, *[key for keys in KINDS.values() for key in keys])
            return pd.DataFrame(page.evaluate("() => window.waited"), columns=["key", "milliseconds"])


if __name__ == "__main__":
    finished = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    waited = measure(finished)
    print(f"from key to saved sign, milliseconds, with {finished} finished comments in the file")
    for kind, keys in KINDS.items():
        own = waited.loc[waited["key"].isin(list(keys)), "milliseconds"]
        print(f"{kind:<15} median {statistics.median(own):4.0f}  longest {own.max():4.0f}  ({len(own)} keys)")
    own = waited["milliseconds"]
    print(f"{'all':<15} median {own.median():4.0f}  longest {own.max():4.0f}  ({len(own)} keys)")
