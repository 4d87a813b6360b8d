"""bank: what comments hold stays text, the same bytes each time, and nothing is asked of a server."""

import json
import re

import pandas as pd
import pytest

import report_example as example
from cxresearch.findings import Findings
from cxresearch.report.bank import bank_html

HOSTILE = """</script><script>hacked=1</script> <img src=x onerror=hacked=1> "two" 'one' & &lt; <!-- """
HOSTILE += "\u2028 %s {x} {shown}"


def bank(*texts, **columns):
    """A bank of these comments, each coded by hand."""
    table = pd.DataFrame({"text": texts}).assign(comment_id=[f"c{n}" for n in range(len(texts))])
    table = table.assign(
        group="consumer", language="es", brand="A & B", month="2025-03", codes="ease;empathy"
    )
    return table.assign(coder="ana;leo", sentiment="negative", sentiment_coder="ana;leo").assign(**columns)


def found(language="es"):
    return Findings(example.study(), example.codebook(), {}, language)


def data(html):
    return json.loads(
        re.search(r'<script type="application/json" id="bank-data">(.*?)</script>', html, re.S)[1]
    )


def test_what_a_comment_holds_ends_no_script_and_is_no_tag():
    html = bank_html(bank(HOSTILE, brand="<b>", coder="<i>"), found())
    text, language, _, brand, month, *_ = data(html)["rows"][0]
    assert (
        text.startswith("&lt;/script&gt;&lt;script&gt;")
        and "&#34;two&#34; &#39;one&#39; &amp; &amp;lt;" in text
    )
    assert (language, brand, month) == ("es", "&lt;b&gt;", "marzo de 2025")
    assert "&lt;i&gt;" in " ".join(data(html)["coders"])
    assert html.count("</script>") == 3 and "<!--" not in html and "hacked=1></script>" not in html


def test_names_and_wording_are_in_the_language_of_the_page():
    html = bank_html(bank("Fila"), found("en"))
    assert '<option value="consumer">Consumers</option>' in html
    assert '<option value="consumer_identity">Consumer_identity (en) (any code)</option>' in html
    assert data(html)["coders"] == ["coded by ana and leo"]
    assert data(html)["number"] == {"thousands": ",", "from": 1000}
    assert data(bank_html(bank("Fila"), found()))["number"] == {"thousands": "\u202f", "from": 10_000}


def test_a_row_says_its_codes_sentiment_and_who_gave_them():
    machine = {"coder": "dictionary", "sentiment_coder": "machine", "month": "", "sentiment": "", "codes": ""}
    rows = pd.concat([bank("Una"), bank("Two", language="en", group="brand", **machine)])
    told = data(bank_html(rows, found()))
    (_, _, of, _, _, felt, by, codes, coder), (_, language, brand, _, month, unfelt, also, none, who) = told[
        "rows"
    ]
    assert (told["groups"][of]["group"], told["moods"][felt]["mood"]) == ("consumer", "negative")
    assert [told["codes"][place]["code"] for place in codes] == ["ease", "empathy"]
    assert told["coders"][coder] == told["coders"][by] == "codificación: ana y leo"
    assert (language, told["groups"][brand]["group"], month, unfelt, none) == ("en", "brand", "", -1, [])
    assert told["coders"][who] == told["coders"][also] == "codificación: diccionario (máquina)"  # said once
    assert told["families"]["consumer_identity"] == [0, 1]


def test_the_same_bytes_each_time_and_no_address_to_ask():
    html = bank_html(bank("Fila", "Hora"), found())
    assert html == bank_html(bank("Fila", "Hora"), found())
    page = re.sub(r'<script type="application/json" id="bank-library">.*?</script>', "", html, flags=re.S)
    assert "http" not in page and "://" not in page
    assert not re.search(r"<(link|img|iframe)|\ssrc=|url\(|@import", page)


@pytest.mark.parametrize("total, told", [(None, False), (2, False), (12_345, True)])
def test_what_is_left_out_is_told(total, told):
    html = bank_html(bank("Fila", "Hora"), found("en"), total)
    assert ("Shown are 2 of 12,345" in html) == told
    assert "seed 2025" in html or not told


def test_no_comments_no_bank():
    assert bank_html(bank("Fila").iloc[:0], found()) == ""
