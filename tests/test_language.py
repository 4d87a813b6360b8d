"""language: es, en, pt or other, on sentences, on the sample files, on real tweets."""

import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.language import LANGUAGES, detect_language
from cxresearch.tables import read_table
from cxresearch.tokens import words

SENTENCES = {
    "es": [
        "Llevo dos horas esperando y nadie contesta el teléfono",
        "Muy buena atención, volveré pronto",
        "gracias por la ayuda",
        "No me llegó el pedido y no responden los mensajes",
        "el cuarto estaba sucio",
        "MUY MALA EXPERIENCIA CON ESTA AEROLINEA",
        "q mal servicio, xq no contestan??",
        "@BancoAlmendra ¿Cuándo abren la sucursal del centro?",
        "Pésimo",
        "Todo bien 👍 https://www.example.com/thank-you-for-your-order",
        "Me cobraron dos veces el mismo vuelo, quiero mi reembolso",
        "La app es muy fácil de usar",
        "Che, ¿me podés ayudar con la factura?",
        "Buen día. Con gusto te apoyamos por mensaje directo.",
    ],
    "en": [
        "I have been waiting for two hours and nobody answers the phone",
        "Lovely staff, will come back soon",
        "thanks for the help",
        "My order never arrived and they do not reply",
        "the room was dirty",
        "WORST AIRLINE EVER",
        "why cant u fix ur app??",
        "@HarrowellBank When does the branch open?",
        "Terrible service",
        "All good 👍 https://www.ejemplo.com/gracias-por-su-compra",
        "They charged me twice for the same flight, I want a refund",
        "We're sorry to hear that. Please send us a DM.",
    ],
    "pt": [
        "Estou esperando há duas horas e ninguém atende o telefone",
        "Não consigo acessar a minha conta desde ontem",
        "Ótimo atendimento, muito obrigado pela ajuda",
        "Meu pedido não chegou e vocês não respondem as mensagens",
        "O quarto estava sujo e o café da manhã muito fraco",
        "Péssima experiência com essa empresa, nunca mais compro aqui",
        "Não funciona",
        "Péssimo atendimento",
        "Não recomendo",
    ],
    "other": [
        "J'attends depuis deux heures et personne ne répond au téléphone",
        "Très bon service, je reviendrai bientôt avec ma famille",
        "La chambre était sale et le petit déjeuner froid",
        "Aspetto da due ore e nessuno risponde al telefono",
        "Ottimo servizio, torneremo presto con tutta la famiglia",
        "Merci beaucoup pour votre aide",
        "Grazie mille, gentilissimi",
        "La camera era sporca e la colazione fredda, non ci torneremo più",
    ],
}


@pytest.mark.parametrize(
    "language, text", [(lang, text) for lang, all_ in SENTENCES.items() for text in all_]
)
def test_sentences(language, text):
    assert detect_language(pd.Series([text]))[0] == language
    apart = unicodedata.normalize("NFD", text)  # accents typed apart, as some systems store them
    assert detect_language(pd.Series([apart]))[0] == language


@pytest.mark.parametrize(
    "file, column, language", [("comments_es.csv", "texto", "es"), ("comments_en.csv", "text", "en")]
)
def test_sample_files(root, file, column, language):
    found = detect_language(read_table(root / "data" / "raw" / file)[column].dropna())
    assert len(found) > 200
    assert (found == language).mean() >= 0.99


@pytest.mark.parametrize("language", ["es", "en"])
def test_real_tweets(real_data, language):
    texts = pd.read_csv(real_data / f"umsab_{language}_val.csv", dtype="str")["text"]
    assert (detect_language(texts) == language).mean() >= 0.99


def test_without_words_the_column_prevails():
    texts = pd.Series(["👍", "thanks for the help", "", None, "@ana https://a.mx 24", "the room was dirty"])
    assert detect_language(texts).tolist() == ["en"] * 6
    assert detect_language(pd.Series(["👍", "", None, "24/7 :)"])).tolist() == ["es"] * 4
    assert detect_language(pd.Series([], dtype="str")).tolist() == []


def test_the_language_that_prevails_in_a_comment():
    mixed = "Llevo dos horas esperando y nadie contesta el teléfono, worst service"
    assert detect_language(pd.Series([mixed]))[0] == "es"


def test_handles_links_and_masks_do_not_count():
    texts = pd.Series(["@the_worst_company_ever no sirve https://help.example.com/the/best/answers [phone]"])
    assert detect_language(texts)[0] == "es"


def test_it_keeps_index_and_name():
    found = detect_language(pd.Series({"c1": "gracias por la ayuda", "c2": "thanks for the help"}))
    assert found.to_dict() == {"c1": "es", "c2": "en"}
    assert found.name == "language"


EVERY_SENTENCE = [text for texts in SENTENCES.values() for text in texts]
short = st.one_of(st.sampled_from(EVERY_SENTENCE), st.text(min_size=1))


@given(st.lists(short, min_size=1, max_size=5))
def test_a_comment_has_the_same_language_in_any_company(texts):
    column = pd.Series(texts)
    together = detect_language(column, words(column))
    assert set(together) <= set(LANGUAGES)
    for text, language in zip(texts, together, strict=True):
        if text in EVERY_SENTENCE:  # others may have no evidence and follow the column
            assert language == detect_language(pd.Series([text]))[0]
