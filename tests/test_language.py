"""language: es, en, pt or other and a second one, on sentences, on the sample files, on real tweets."""

import itertools
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch import tokens
from cxresearch.language import LANGUAGES, detect_languages
from cxresearch.tables import read_table
from cxresearch.tokens import Vocabulary, tokenize

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


def language_of(*texts):
    """The languages of a column of texts."""
    return detect_languages(pd.Series(texts, dtype=object))["language"].tolist()


@pytest.mark.parametrize(
    "language, text", [(lang, text) for lang, all_ in SENTENCES.items() for text in all_]
)
def test_sentences(language, text):
    apart = unicodedata.normalize("NFD", text)  # accents typed apart, as some systems store them
    found = detect_languages(pd.Series([text, apart]))
    assert found["language"].tolist() == [language] * 2
    assert found["second_language"].isna().all()


def assert_monolingual(texts, language):
    """At least 99 % in that language, at most 2 % said to hold a second one."""
    found = detect_languages(texts)
    assert len(found) > 200
    assert (found["language"] == language).mean() >= 0.99
    assert found["second_language"].notna().mean() <= 0.02


@pytest.mark.parametrize(
    "file, column, language", [("comments_es.csv", "texto", "es"), ("comments_en.csv", "text", "en")]
)
def test_sample_files(root, file, column, language):
    assert_monolingual(read_table(root / "data" / "raw" / file)[column].dropna(), language)


@pytest.mark.parametrize("language", ["es", "en"])
def test_real_tweets(real_data, language):
    assert_monolingual(pd.read_csv(real_data / f"umsab_{language}_val.csv", dtype="str")["text"], language)


@pytest.mark.parametrize(
    "text, first, second",
    [
        (
            "Llevo dos horas esperando y nadie contesta. The worst company I ever dealt with",
            "es",
            "en",
        ),
        ("Thank you so much for the lovely stay, we will be back. La comida estuvo muy rica", "en", "es"),
        ("Muchas gracias por la ayuda, me resolvieron todo. Best customer service, thank you", "es", "en"),
        ("The refund has not arrived yet and nobody answers my emails. No me contestan", "en", None),
        # borrowed words
        ("El call center no contesta y el delivery llegó tarde", "es", None),
        ("Me encantó el brunch buffet del hotel, el check in fue rápido", "es", None),
        ("The tacos al pastor and the salsa verde were great, we will be back", "en", None),
        ("Não consigo acessar a minha conta desde ontem. The worst bank in the world", "pt", None),
    ],
)
def test_second_language(text, first, second):
    found = detect_languages(pd.Series([text])).astype(object).iloc[0]
    assert found["language"] == first
    assert (found["second_language"] if pd.notna(found["second_language"]) else None) == second


def test_joined_sentences_hold_two_languages():
    long = {code: [s for s in SENTENCES[code] if len(s.split()) > 6] for code in ("es", "en")}
    pairs = list(itertools.product(long["es"], long["en"]))
    either = pd.Series([f"{es}. {en}" for es, en in pairs] + [f"{en}. {es}" for es, en in pairs])
    found = detect_languages(either)
    assert len(found) > 50
    flagged = found["second_language"].notna()
    assert flagged.mean() > 0.75
    other = found["language"].map({"es": "en", "en": "es"})  # the one that does not prevail
    assert (found["second_language"] == other)[flagged].all()
    assert set(found["language"]) == {"es", "en"}
    first = found["language"].tolist()
    assert first[: len(pairs)] == first[len(pairs) :]  # whichever comes first


def test_without_words_the_column_prevails():
    texts = ["👍", "thanks for the help", "", None, "@ana https://a.mx 24", "the room was dirty", pd.NA]
    assert language_of(*texts) == ["en"] * 7
    assert language_of("👍", "", None, "24/7 :)") == ["es"] * 4
    assert language_of() == []


def test_handles_links_and_masks_do_not_count():
    text = "@the_worst_company_ever no sirve https://help.example.com/the/best/answers [phone]"
    assert language_of(text) == ["es"]


@pytest.mark.parametrize("labels", [["c1", "c2"], [7, 7]])
def test_it_keeps_the_index(labels):
    found = detect_languages(pd.Series(["gracias por la ayuda", "thanks for the help"], index=labels))
    assert found.index.tolist() == labels
    assert found["language"].tolist() == ["es", "en"]
    assert list(found) == ["language", "second_language"]


EVERY_SENTENCE = [text for texts in SENTENCES.values() for text in texts]
AS_DETECTED = detect_languages(pd.Series(EVERY_SENTENCE))["language"].tolist()
sentence = st.sampled_from(EVERY_SENTENCE)
mixed = st.lists(sentence, min_size=2, max_size=3).map(" ".join)
comment = st.one_of(sentence, mixed, st.text(st.characters()), st.none())


@given(st.lists(comment, max_size=6), st.integers(1, 3), st.randoms())
def test_neither_company_nor_order_nor_chunks_matter(texts, size, shuffled):
    column = pd.Series(texts, dtype=object)
    together = detect_languages(column)
    assert set(together["language"]) <= set(LANGUAGES)
    for text, language in zip(texts, together["language"], strict=True):
        if text in EVERY_SENTENCE:  # others may have no evidence and follow the column
            assert language == AS_DETECTED[EVERY_SENTENCE.index(text)]
    pd.testing.assert_frame_equal(detect_languages(column, tokenize(column)), together)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "CHUNK", size)
        pd.testing.assert_frame_equal(detect_languages(column), together)
    order = list(range(len(texts)))
    shuffled.shuffle(order)
    pd.testing.assert_frame_equal(detect_languages(column.iloc[order]), together.iloc[order])


@given(st.lists(st.one_of(sentence, mixed), min_size=2, max_size=6), st.integers(1, 5))
def test_chunks_with_one_vocabulary(texts, cut):
    column, vocabulary = pd.Series(texts), Vocabulary()
    parts = [column.iloc[:cut], column.iloc[cut:]]
    found = pd.concat([detect_languages(part, tokenize(part, vocabulary)) for part in parts])
    pd.testing.assert_frame_equal(found, detect_languages(column))


@pytest.mark.parametrize(
    "text, language",
    [
        ("Chafa", "es"),
        ("Inaceptable", "es"),
        ("Fraude", "es"),
        ("Pesima app", "es"),
        ("Great", "en"),
        ("Thanks", "en"),
    ],
)
def test_a_sentiment_word_alone_speaks_for_its_language(text, language):
    assert detect_languages(pd.Series([text]))["language"].tolist() == [language]
