"""An answer is found again when its sources say something else, and only then."""

from pathlib import Path

import pytest

from segrepro.kept import kept


@pytest.fixture
def asked(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")

    class Asked:
        times = 0
        file = tmp_path / "cache/answer"
        sources = (tmp_path / "a", tmp_path / "b")

        def find(self):
            self.times += 1
            return {"sum": sum(int(source.read_text()) for source in self.sources)}

        def answer(self):
            return kept(self.file, self.sources, self.find)

    return Asked()


def test_the_same_sources_are_asked_once(asked):
    assert asked.answer() == asked.answer() == {"sum": 3}
    asked.sources[0].touch()
    assert (asked.answer(), asked.times) == ({"sum": 3}, 1)


def test_other_content_is_asked_again(asked):
    asked.answer()
    asked.sources[1].write_text("5")
    assert (asked.answer(), asked.times) == ({"sum": 6}, 2)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"by": 1}'])
def test_a_damaged_file_is_as_good_as_none(asked, damage):
    asked.answer()
    asked.file.write_text(damage)
    assert (asked.answer(), asked.answer(), asked.times) == ({"sum": 3}, {"sum": 3}, 2)


def test_a_disk_that_takes_nothing_costs_time_alone(asked):
    asked.file.parent.write_text("no folder")
    assert (asked.answer(), asked.answer(), asked.times) == ({"sum": 3}, {"sum": 3}, 2)


def test_what_does_not_say_what_it_should_is_no_answer(asked):
    def fails():
        raise ValueError("a claim without a number")

    with pytest.raises(ValueError, match="a claim without a number"):
        kept(asked.file, asked.sources, fails)
    assert not Path(asked.file).exists()
