"""privacy: invented cases of what is masked and what must stay; no text of a real person."""

import stat

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.errors import InputError
from cxresearch.privacy import KEY_FILE, MASKS, load_key, mask, pseudonyms


def masked_text(text, **options):
    return mask(pd.Series([text]), **options)[0].iloc[0]


PHONES = {
    "MX": "55 1234 5678; 55-1234-5678; 5512345678; 555 123 4567; (55) 1234 5678; 55 12 34 56 78; "
    "800 1234 567; (951) 51 4 20 71; +52 55 1234 5678; +52 1 55 1234 5678; +5215512345678; "
    "01 800 123 4567; 044 55 1234 5678; 5215512345678; 2291 23 45 67; 52 (55) 1234-5678",
    "ES": "612 345 678; 612345678; 612 34 56 78; 91 123 45 67; +34 612 345 678; 0034 612345678; 34612345678; "
    "(+34) 612 345 678; 612.345.678; +34.612.345.678",
    "CO": "300 123 4567; +57 300 123 4567; 601 234 5678; 300 12 34 567",
    "AR": "11 4123-4567; 011 4123-4567; +54 9 11 4123-4567; 0351 412 3456",
    "CL": "9 1234 5678; +56 9 1234 5678; 56912345678",
    "PE": "987 654 321; +51 987 654 321; (01) 234 5678",
    "US": "(555) 123-4567; 555.123.4567; 1-800-123-4567; +1 (555) 123-4567",
    "GB": "07700 900123; 07700 900 123; 020 7946 0958; +44 20 7946 0958; 0161 496 0000",
    "anywhere": "+49 30 123456; +33 1 23 45 67 89",
}


@pytest.mark.parametrize("phone", "; ".join(PHONES.values()).split("; "))
def test_phones(phone):
    assert masked_text(f"llama al {phone}, gracias") == "llama al [phone], gracias"
    assert masked_text(f"{phone} mil gracias") == "[phone] mil gracias"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "en 2019 2020 y 2021",
            "del 21/12/2021 15:30 al 2021-12-21 10:45",
            "2021-12-21 10",
            "21.12.2021 10",
        ),
        *(
            "pagué 12.000.000",
            "cuesta 1,250.00",
            "$ 5512345678",
            "$5512345678",
            "son 650.000.000",
            "+12.000.000",
        ),
        *("612345678 pesos", "5512345678,50", "vale 1.234.567.890"),
        *("pedido 12345678", "folio 1234567", "#5512345678", "REF5512345678", "de 9:00 a 18:00"),
        *("10 20 30 40 50", "versión 8.5.50.916", "4837 veces en 15 días", "habitación 1204"),
        *("tarjeta 4111 1111 1111 1112", "CUIT 20-12345678-0", "12345678A", "CUIT 20123456780"),
        *("amig@s y tod@s", "precio @ 5", "3 tacos@3.50", "l@s", "@", "@a", "a@b", "@" + "x" * 31),
        *("https://ejemplo.com/ayuda/articulo", "www.ejemplo.com", "https://ejemplo.com:443/noticias?"),
        *(
            "https://ejemplo.com/p/5512345678",
            "http://ejemplo.com/a#inicio",
            "https://un-nombre-largo-2021.com/a",
        ),
        *("", " ", "CC de 1600", "el DNI vence en 2021"),
    ],
)
def test_what_must_stay(text):
    masked, counts = mask(pd.Series([text]))
    assert masked.iloc[0] == text
    assert counts.sum() == 0


@pytest.mark.parametrize(
    "text, expected",
    [
        ("escribe a ana.perez+1@correo.com.mx.", "escribe a [email]."),
        ("(ANA@CORREO.ES)", "([email])"),
        ("mailto:ana@correo.es,luis@correo.es", "mailto:[email],[email]"),
        ("tarjeta 4111 1111 1111 1111 vence 12/25", "tarjeta [card] vence 12/25"),
        ("4111-1111-1111-1111", "[card]"),
        ("3782 822463 10005", "[card]"),  # 15 digits
        ("4222222222222", "[card]"),  # 13 digits
        ("7501234567006", "7501234567006"),  # a barcode that Luhn would let pass
        ("CVV 123 4111111111111111", "CVV 123 [card]"),
        ("4111 1111 1111 1111 5500 0000 0000 0004", "[card] [card]"),
        ("mi IBAN ES91 2100 0418 4502 0005 1332 gracias por todo", "mi IBAN [iban] gracias por todo"),
        ("es9121000418450200051332", "[iban]"),
        ("GB29NWBK60161331926819", "[iban]"),
        ("ES91 2100 0418 4502 0005 1333", "ES91 2100 0418 4502 0005 1333"),  # wrong check digits
        ("DNI 12345678Z", "DNI [id]"),
        ("12.345.678-Z", "[id]"),
        ("mi NIE es x1234567l", "mi NIE es [id]"),
        ("CURP BOXW310820HNERXN09", "CURP [id]"),
        ("RFC GODE561231GR8 y gode561231gr8", "RFC [id] y [id]"),
        ("RFC GODE 561231 GR8", "RFC [id]"),
        ("para 210203 que", "para 210203 que"),  # no RFC
        ("CC 1.234.567.890", "CC [id]"),
        ("C.C. No. 1234567890", "C.C. No. [id]"),
        ("cédula de ciudadanía: 12.345.678", "cédula de ciudadanía: [id]"),
        ("DNI 12.345.678", "DNI [id]"),
        ("mi dni es 12345678", "mi dni es [id]"),
        ("CUIT 20-26756539-3", "CUIT [id]"),
        ("20267565393", "[id]"),
        ("RUT 12.345.678-K", "RUT [id]"),
        ("CLABE: 032180000118359719", "CLABE: [id]"),
        ("CLABE 032 180 00011835971 9", "CLABE [id]"),
        ("mi cuenta 12345678901", "mi cuenta [id]"),
        ("ve a https://x.com/reset?token=abc.", "ve a [link]."),
        ("(https://ana:clave@x.com/inicio)", "([link])"),
        ("HTTPS://X.COM/#access=abc", "[link]"),
        ("www.x.com/?id=5512345678&correo=ana@correo.mx listo", "[link] listo"),
        ("https://x.com/invitacion/a1b2c3d4e5f6a7b8", "[link]"),
        ("https://x.com/mail/ana@correo.mx", "https://x.com/mail/[email]"),
        ("@Ana_1 y @luis.perez. Gracias @a.b", "@user y @user. Gracias @user"),
        ("hola.@ana, (@luis) ＠eva @@ana", "hola.@user, (@user) @user @@user"),
        ("gracias @ana.Muy bien", "gracias @user.Muy bien"),
        ("@josé", "@user"),
        ("https://x.com/@ana", "https://x.com/@user"),
        ("@ana@correo.mx", "@[email]"),
    ],
)
def test_other_kinds(text, expected):
    assert masked_text(text) == expected


def test_brands_keep_their_handles():
    text = "@MiBanco @MIBANCO.gracias @mibanco_ayuda @ana"
    assert masked_text(text, keep_handles=["@mibanco"]) == "@MiBanco @MIBANCO.gracias @user @user"


def test_counts_index_and_missing():
    texts = pd.Series(
        ["@ana @user @luis 5512345678", None, "nada", "a@b.mx"], index=[7, 7, 8, 9], name="text"
    )
    masked, counts = mask(texts)
    assert counts.to_dict() == {kind: 0 for kind in MASKS} | {"handle": 2, "phone": 1, "email": 1}
    assert list(counts.index) == ["email", "phone", "card", "iban", "id", "link", "handle"]
    pd.testing.assert_series_equal(
        masked, pd.Series(["@user @user @user [phone]", None, "nada", "[email]"], texts.index, "str", "text")
    )
    assert texts.iloc[0].startswith("@ana")  # the original is not changed


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_to_mask(values):
    masked, counts = mask(pd.Series(values, dtype="object"))
    assert masked.isna().all() and masked.dtype == "str" and counts.sum() == 0


PIECES = st.sampled_from(
    [
        *(
            "@",
            "ana",
            ".",
            "@ana",
            "a@b.mx",
            "55 1234 5678",
            "4111 1111 1111 1111",
            "ES9121000418450200051332",
        ),
        *(
            "+52",
            "12345678Z",
            "https://",
            "www.",
            "x.com/",
            "?a=1",
            "DNI ",
            "CC",
            "CUENTA ",
            " ",
            "-",
            "(",
            ")",
        ),
        *("1", "00", "9", "[phone]", "[link]", "@user", "/", "#", "ñ", "$", "pesos", "\n", "GODE561231GR8"),
        *("20-26756539-3", "951"),
    ]
)


@settings(max_examples=300)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=14).map("".join)))
def test_masking_twice_is_masking_once(text):
    once, _ = mask(pd.Series([text], dtype="str"))
    twice, counts = mask(once)
    assert twice.equals(once)
    assert counts.sum() == 0


@given(st.text(), st.text(), st.sampled_from(["@ana_perez", "ana@correo.mx", "+52 55 1234 5678"]))
def test_spaced_secrets_never_survive(before, after, secret):
    assert secret not in masked_text(f"{before} {secret} {after}")


@given(st.text(alphabet=st.characters(exclude_categories=["N", "Cs"], exclude_characters="@＠")))
def test_words_alone_stay(text):
    text = text.replace("www.", "").replace("http", "")
    assert masked_text(text) == text


def test_pseudonyms():
    authors = pd.Series(["@Ana", "ana", " ANA ", "Luis", None], index=[3, 3, 4, 5, 6], name="author")
    result = pseudonyms(authors, b"key")
    assert result.str.fullmatch("p_[0-9a-f]{10}").sum() == 4
    assert result.iloc[0] == result.iloc[1] == result.iloc[2] != result.iloc[3]
    assert result.isna().tolist() == [False, False, False, False, True]
    assert result.index.equals(authors.index) and result.name == "author" and result.dtype == "str"
    assert (pseudonyms(authors, b"other").dropna() != result.dropna()).all()


def test_pseudonym_is_hmac_sha256():
    """RFC 4231, test case 2: the key "Jefe" and "what do ya want for nothing?"."""
    assert pseudonyms(pd.Series(["what do ya want for nothing?"]), b"Jefe").tolist() == ["p_5bdcc146bf"]


def test_key_is_made_once_and_private(tmp_path):
    key = load_key(tmp_path)
    assert len(key) == 64 and load_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


def test_empty_key_is_refused(tmp_path):
    (tmp_path / KEY_FILE).write_text("\n")
    with pytest.raises(InputError, match="is empty"):
        load_key(tmp_path)
    (tmp_path / KEY_FILE).unlink()
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        load_key(tmp_path)
