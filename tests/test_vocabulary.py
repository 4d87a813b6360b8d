"""vocabulary: every form has one number, and every rule is asked once about each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.vocabulary import Vocabulary

form = st.one_of(st.sampled_from(["", "a", "b", "😡", "e\u0301", "é", "\x00"]), st.text(max_size=3))
chunks_of_forms = st.lists(st.lists(form, max_size=6), max_size=4)


@given(chunks_of_forms)
def test_numbers_go_on_in_order_of_first_appearance(chunks):
    vocabulary = Vocabulary()
    numbers = [vocabulary.number(chunk).tolist() for chunk in chunks]
    seen = list(dict.fromkeys(form for chunk in chunks for form in chunk if form))
    assert vocabulary == seen
    assert numbers == [[seen.index(form) if form else -1 for form in chunk] for chunk in chunks]


@given(chunks_of_forms, st.data())
def test_every_form_is_decided_once(chunks, data):
    vocabulary, asked = Vocabulary(), []

    def lengths(new):
        asked.extend(new)
        return np.array([len(form) for form in new], dtype=int), np.array(new, dtype=object)

    wanted = set()
    for chunk in chunks:
        numbers = vocabulary.number(chunk)
        some = [number for number in sorted({*numbers.tolist()} - {-1}) if data.draw(st.booleans())]
        wanted.update(some)
        row, (length, name) = vocabulary.decide(lengths, np.array(some, dtype=int))
        assert [name[row[number]] for number in wanted] == [vocabulary[number] for number in wanted]
        assert [length[row[number]] for number in wanted] == [len(vocabulary[number]) for number in wanted]
        assert np.flatnonzero(row).tolist() == sorted(wanted)
        assert (length[0], name[0]) == (0, "")  # of those not asked about
    assert sorted(filter(None, asked)) == sorted(vocabulary[number] for number in wanted)


@pytest.mark.parametrize("name, expected", [("rule", [0, 0]), ("other", [1, 1]), (None, [1, 1])])
def test_rules_of_one_name_share_their_answers(name, expected):
    vocabulary = Vocabulary()
    asked = vocabulary.number(["a", "b"])
    vocabulary.decide(lambda new: (np.zeros(len(new)),), asked, name="rule")
    row, (answer,) = vocabulary.decide(lambda new: (np.ones(len(new)),), asked, name=name)
    assert answer[row[asked]].tolist() == expected
