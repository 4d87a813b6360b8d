"""sampling: random by strata, nested, with the true chance of every comment, so that weights are right."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.errors import InputError
from cxresearch.estimates import shares
from cxresearch.intervals import stratified, wilson
from cxresearch.sampling import coded_strata, draw_sample, drawn, load_sample, sample_size
from cxresearch.tables import write_table


def frame(**sizes):
    """Comments of these cells, such as brand_es=30."""
    cells = [tuple(name.split("_")) for name, n in sizes.items() for _ in range(n)]
    table = pd.DataFrame(cells, columns=["group", "language"])
    return table.set_axis([f"c{i:04d}" for i in range(len(table))]).rename_axis("comment_id")


MIXED = frame(brand_es=60, brand_en=30, consumer_es=300, consumer_en=110)


def taken(sample):
    return sample.loc[sample["draw"].notna(), "comment_id"]


def test_equal_by_group_and_proportional_by_language():
    sample = draw_sample(MIXED, 80)
    assert sample.groupby("stratum")["draw"].count().to_dict() == {
        "brand, en": 13,
        "brand, es": 27,
        "consumer, en": 11,
        "consumer, es": 29,
    }


def test_every_comment_of_the_frame_has_its_chance():
    sample = draw_sample(MIXED, 80)
    assert sample["comment_id"].tolist() == MIXED.index.tolist()
    of = sample.groupby("stratum")
    assert of["probability"].nunique().eq(1).all()
    assert np.allclose(of["probability"].first(), of["draw"].count() / of.size())


def test_the_draw_depends_on_ids_and_seed_alone():
    sample = draw_sample(MIXED, 50, seed=7).set_index("comment_id")
    shuffled = draw_sample(MIXED.sample(frac=1, random_state=1), 50, seed=7).set_index("comment_id")
    pd.testing.assert_frame_equal(sample, shuffled.loc[sample.index])
    assert set(taken(draw_sample(MIXED, 50, seed=8))) != set(taken(sample.reset_index()))


def test_a_second_draw_extends_the_first():
    first = draw_sample(MIXED, 40)
    second = draw_sample(MIXED, 30, earlier=first)
    assert set(taken(first)) < set(taken(second))
    assert second["draw"].value_counts().to_dict() == {1: 40, 2: 30}
    before = second[second["draw"] == 1]
    assert before["place"].tolist() == first.dropna()["place"].tolist()
    assert sorted(second["place"].dropna()) == list(range(1, 71))
    assert sorted(second.loc[second["draw"] == 2, "place"]) == list(range(41, 71))
    at_once = draw_sample(MIXED, 70)  # the same comments, whether drawn in one go or in two
    assert set(taken(second)) == set(taken(at_once))
    assert second["probability"].tolist() == at_once["probability"].tolist()


def test_comments_that_came_later_are_strata_of_their_own():
    first = draw_sample(MIXED.iloc[:400], 40)
    second = draw_sample(MIXED, 40, earlier=first)
    new = second[~second["comment_id"].isin(first["comment_id"])]
    assert set(new["stratum"]) == {"consumer, en, new in draw 2"}
    assert new["draw"].notna().any() and (new["draw"].dropna() == 2).all()
    assert np.allclose(new["probability"], new["draw"].count() / len(new))


def test_comments_no_longer_there_leave_the_frame():
    first = draw_sample(MIXED, 40)
    fewer = MIXED.drop(index=taken(first).iloc[0])
    second = draw_sample(fewer, 5, earlier=first)
    assert len(taken(second)) == 44
    assert second["place"].dropna().is_unique


@pytest.mark.parametrize("plan", ["enriched", "extended", "enriched later", "enriched twice"])
def test_weights_undo_whatever_the_draw_preferred(plan):
    """Over many seeds the weighted share of an attribute tied to the preference is the true one."""
    comments = frame(brand_es=40, brand_en=20, consumer_es=120, consumer_en=60)
    rng = np.random.default_rng(3)
    rare = pd.Series(rng.random(len(comments)) < 0.1, index=comments.index)
    other = pd.Series(rng.random(len(comments)) < 0.2, index=comments.index)
    truth = (rare & (rng.random(len(comments)) < 0.8)) | (rng.random(len(comments)) < 0.2)
    first = {"enriched": rare, "enriched twice": rare}.get(plan)
    found = []
    for seed in range(400):
        sample = draw_sample(comments, 30, rare=first, seed=seed)
        if plan != "enriched":
            second = {"enriched later": rare, "enriched twice": other}.get(plan)
            sample = draw_sample(comments, 20, rare=second, earlier=sample, seed=seed)
        coded = sample.dropna(subset="draw").set_index("comment_id")
        assert (coded["probability"] > 0).all()
        weight = 1 / coded["probability"]
        found.append((truth[coded.index] * weight).sum() / len(comments))
        assert np.isclose(weight.sum(), len(comments))  # every stratum is reached
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found) - truth.mean()) < 4 * error


def test_every_comment_of_a_stratum_has_the_same_chance():
    comments = frame(brand_es=12)
    often = sum(
        draw_sample(comments, 4, seed=seed)["draw"].notna().to_numpy().astype(int) for seed in range(900)
    )
    assert np.abs(often / 900 - 1 / 3).max() < 4.5 * np.sqrt(1 / 3 * 2 / 3 / 900)


def test_rare_codes_get_a_third():
    rare = pd.Series(np.arange(len(MIXED)) % 8 == 0, index=MIXED.index)
    sample = draw_sample(MIXED, 60, rare=rare)
    in_sample = rare[taken(sample)]
    assert 18 <= in_sample.sum() <= 22
    assert sample["stratum"].str.endswith(", rare code in draw 1").to_numpy().tolist() == rare.tolist()


def test_small_strata_give_two_comments_or_all():
    comments = frame(brand_es=200, brand_en=3, consumer_es=200, consumer_en=1)
    counts = draw_sample(comments, 20).groupby("stratum")["draw"].count()
    assert counts["brand, en"] == 2 and counts["consumer, en"] == 1 and counts.sum() == 20


@given(
    sizes=st.lists(st.integers(1, 25), min_size=1, max_size=4), share=st.floats(0.01, 1), more=st.floats(0, 1)
)
def test_exactly_as_many_as_asked_for(sizes, share, more):
    cells = ["brand_es", "brand_en", "consumer_es", "consumer_en"]
    comments = frame(**dict(zip(cells, sizes, strict=False)))
    first = max(1, int(share * len(comments)))
    sample = draw_sample(comments, first)
    assert sample["draw"].count() == first
    if extra := int(more * (len(comments) - first)):
        sample = draw_sample(comments, extra, earlier=sample)
    assert sample["draw"].count() == first + extra
    assert sample["probability"].between(0, 1).all()
    assert sorted(sample["place"].dropna()) == list(range(1, first + extra + 1))


@pytest.mark.parametrize("size", [0, -3, 501])
def test_impossible_sizes(size):
    with pytest.raises(InputError, match="expected 1 to 500, the comments not drawn yet"):
        draw_sample(MIXED, size)


def test_saved_and_read_back(tmp_path):
    first = draw_sample(MIXED, 40)
    write_table(first, tmp_path / "sample.csv")
    back = load_sample(tmp_path / "sample.csv")
    pd.testing.assert_frame_equal(back, first, check_dtype=False)
    again = draw_sample(MIXED, 10, earlier=back)
    pd.testing.assert_frame_equal(again, draw_sample(MIXED, 10, earlier=first))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("comment_id,stratum,probability,draw\nc1,a,1,1\n", "no column 'place'.*sample draw"),
        ("comment_id,stratum,probability,draw,place\nc1,a,much,1,1\n", "row 2: probability is 'much'"),
        (
            "comment_id,stratum,probability,draw,place\nc1,a,1,1,1\nc1,a,1,1,2\n",
            "row 3: 'c1' stands there twice",
        ),
    ],
)
def test_a_spoilt_sample_is_refused(tmp_path, content, told):
    path = tmp_path / "sample.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        load_sample(path)


def test_drawn_comments_in_the_order_of_coding():
    sample = draw_sample(MIXED, 9)
    order = drawn(sample, MIXED).index
    assert sample.set_index("comment_id").loc[order, "place"].tolist() == list(range(1, 10))
    assert order.tolist() != sorted(order)  # not the order of the file
    assert drawn(sample, MIXED.drop(index=order[0])).index.tolist() == order[1:].tolist()


@pytest.mark.parametrize(("width", "share"), [(0.1, 0.5), (0.05, 0.05)])
def test_sample_size_is_the_smallest_that_does(width, share):
    size = sample_size(width, share, n=3000)
    low, high = wilson(share, [size - 1, size])
    assert (high - low)[1] <= width < (high - low)[0]


def test_sample_size_with_a_machine():
    size = sample_size(0.08, 0.3, n=3000, sensitivity=0.8, false_positive_rate=0.05)
    given = 0.3 * 0.8 + 0.7 * 0.05  # by the machine, of which .24 are right; .06 of the others are not
    parts, right = np.array([given, 1 - given]), np.array([0.24 / given, 0.06 / (1 - given)])
    widths = [
        high - low for low, high, _ in (stratified(right, n * parts, 3000 * parts) for n in (size - 1, size))
    ]
    assert widths[1] <= 0.08 < widths[0] and size < 0.7 * sample_size(0.08, 0.3, n=3000)


def test_sample_size_of_the_textbook():
    assert abs(sample_size(0.1, n=10**5) - 385) <= 4  # 1.96^2 / 4 / .05^2; Wilson's needs z^2 fewer


def test_sample_size_out_of_reach():
    with pytest.raises(InputError, match=r"coding all 50 comments gives an interval 0\.2. wide, not 0\.1"):
        sample_size(0.1, n=50)
    with pytest.raises(InputError, match="expected a width"):
        sample_size(2, n=50)


def test_strata_of_a_sample_that_was_coded():
    sample = draw_sample(MIXED, 80)
    in_time = taken(sample)[:50]  # people did not finish
    aside = sample.loc[sample["draw"].isna(), "comment_id"][:5]  # and coded some of their own choice
    later = MIXED.index.append(pd.Index(["new1", "new2"]))
    found = coded_strata(sample, pd.Index([*in_time, *aside, "new1"]), later)
    assert found.index.tolist() == later.tolist()
    assert set(found.index[found["counts"]]) == set(in_time)
    assert found["stratum"].iloc[-2:].tolist() == ["not in the sample"] * 2
    assert found["stratum"].iloc[:-2].tolist() == sample["stratum"].tolist()


def test_a_stratum_coded_to_the_last_comment_counts():
    sample = draw_sample(MIXED, 80)
    brand_en = sample.loc[sample["stratum"] == "brand, en", "comment_id"]
    found = coded_strata(sample, pd.Index(brand_en), MIXED.index)
    assert found["counts"].sum() == len(brand_en) == 30
    assert not coded_strata(sample, pd.Index(brand_en[:-1]), MIXED.index)["counts"].all()
    assert coded_strata(sample, MIXED.index, MIXED.index)["counts"].all()


def test_an_enriched_sample_gives_the_true_share():
    """The sample file, as people coded it, through to the corrected share; taken for random it is far off."""
    rng, found = np.random.default_rng(8), []
    truth = pd.Series(rng.random(len(MIXED)) < 0.1, index=MIXED.index)
    machine = (truth ^ (rng.random(len(MIXED)) < 0.05)).to_frame("ease")
    for seed in range(60):
        sample = draw_sample(MIXED, 100, rare=machine["ease"], seed=seed)
        coded = coded_strata(sample, pd.Index(taken(sample)), MIXED.index)
        hand = truth.to_frame("ease")[coded["counts"]]
        own = shares(machine, hand, MIXED["group"], strata=coded["stratum"])
        found.append(
            [*own["share"], *own["hand_share"], *shares(machine, hand, MIXED["group"])["hand_share"]]
        )
    true = truth.groupby(MIXED["group"]).mean().to_numpy()
    mean, error = np.mean(found, axis=0).reshape(3, 2), np.std(found, axis=0).reshape(3, 2) / np.sqrt(60)
    assert (np.abs(mean[:2] - true) < 4 * error[:2] + 0.003).all()
    assert (mean[2] > true + 0.06).all()


def test_a_drawn_comment_without_a_stratum():
    sample = draw_sample(MIXED, 9)
    sample.loc[sample["draw"].notna().idxmax(), "stratum"] = None
    with pytest.raises(InputError, match=r"sample: 'c\d+' was drawn, but from no stratum\. Draw it again"):
        coded_strata(sample, taken(sample), MIXED.index)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("c1,a,9,1,1", "row 2: probability is '9', not a number from 0 to 1"),
        ("c1,a,1,1.5,1", r"row 2: draw is '1.5', not a whole number from 1"),
        ("c1,a,1,-1,1", "row 2: draw is '-1', not a whole number"),
        ("c1,a,1,,1", "row 2: a drawn comment has both draw and place"),
        ("c1,a,1,1,1\nc2,a,1,1,1", "row 3: the place 1 is given twice"),
    ],
)
def test_a_sample_edited_by_hand_is_refused(tmp_path, row, told):
    path = tmp_path / "sample.csv"
    path.write_text(f"comment_id,stratum,probability,draw,place\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=told):
        load_sample(path)


def test_a_sample_of_another_study_is_not_extended():
    first = draw_sample(MIXED, 40)
    with pytest.raises(InputError, match=r"the first is 'c....', the study's 'x'.*folder of its own"):
        draw_sample(MIXED.set_axis(["x", *range(len(MIXED) - 1)]), 5, earlier=first)
    nothing_drawn = first.assign(draw=pd.NA, place=pd.NA)
    assert draw_sample(MIXED, 5, earlier=nothing_drawn)["draw"].max() == 1


def test_when_all_are_drawn_it_says_so():
    with pytest.raises(InputError, match="all comments are drawn"):
        draw_sample(MIXED, 1, earlier=draw_sample(MIXED, 500))
