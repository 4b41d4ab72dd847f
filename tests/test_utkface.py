"""Real faces by file name: what counts as a face, and what is said about the rest. The faces here are plain colours."""

from __future__ import annotations

from pathlib import Path

from functional_course.data import utkface

import numpy as np
import pytest
from PIL import Image

GOOD = ("1_0_2_20161219140623097.jpg.chip.jpg", "26_1_0_20170104.jpg", "100_0_4_20170112213001988.JPG")
BAD = {
    "61_3_20170109150557335.jpg.chip.jpg": "name",  # really in UTKFace: the gender or the race is missing
    "holiday.jpg": "name",
    "26_1_0_20170104.txt": "name",
    "200_1_0_20170104.jpg": "age",
    "26_2_0_20170104.jpg": "gender",
    "26_1_7_20170104.jpg": "race",
}


def write(path: Path, grey: int = 100, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> None:
    Image.new(mode, size, grey if mode == "L" else (grey, 10, 200)).save(path, format="JPEG", quality=95)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*GOOD, *BAD):
        write(tmp_path / name)
    (tmp_path / "30_1_1_20170101.jpg").mkdir()
    return tmp_path


def test_names_are_read_and_what_does_not_match_is_counted_with_its_reason(folder: Path):
    listing = utkface.scan(folder)
    assert [path.name for path in listing.paths] == sorted(GOOD)
    assert dict(
        zip((path.name for path in listing.paths), zip(listing.ages, listing.labels, strict=True), strict=True)
    ) == {
        GOOD[0]: (1, 0),
        GOOD[1]: (26, 1),
        GOOD[2]: (100, 0),
    }
    assert {name for name, _ in listing.skipped} == {*BAD, "30_1_1_20170101.jpg"}
    for name, reason in listing.skipped:
        assert BAD.get(name, "folder") in reason


def test_images_are_scaled_split_and_reported(folder: Path, capsys: pytest.CaptureFixture):
    train, test = utkface.load_data(folder, train=2, test=1, size=20)
    assert train.images.shape == (2, 20, 20, 3) and train.images.dtype == np.uint8 and len(test) == 1
    assert np.abs(train.images[0, 10, 10].astype(int) - [100, 10, 200]).max() < 8
    assert sorted([*train.ages, *test.ages]) == [1, 26, 100] and train.ages.dtype == np.float32
    assert train.labels.dtype == np.int64 and not train.cues
    said = capsys.readouterr().out
    assert "3 faces" in said and "7 files skipped" in said and "(3, for example 26_1_0_20170104.txt)" in said
    other = {tuple(utkface.load_data(folder, 2, 1, 20, seed)[1].ages) for seed in range(8)}
    assert len(other) > 1, "the seed decides the split"


def test_a_grey_image_becomes_three_channels_and_a_damaged_one_is_skipped(folder: Path, capsys: pytest.CaptureFixture):
    write(folder / GOOD[0], grey=50, mode="L")
    (folder / "40_1_1_20170101.jpg").write_bytes(b"no image")
    for seed in range(8):  # it does not come up with every seed
        train, test = utkface.load_data(folder, train=2, test=1, size=20, seed=seed)
        assert sorted([*train.ages, *test.ages]) == [1, 26, 100]
    grey = next(image for face in (train, test) for image, age in zip(face.images, face.ages, strict=True) if age == 1)
    assert np.ptp(grey) < 4 and abs(int(grey[10, 10, 0]) - 50) < 4
    assert "the image cannot be read (1, for example 40_1_1_20170101.jpg)" in capsys.readouterr().out


def test_what_is_missing_is_said(tmp_path: Path, folder: Path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        utkface.scan(tmp_path / "none")
    with pytest.raises(ValueError, match="holds 3 faces.* 11 were asked for"):
        utkface.load_data(folder, train=10, test=1)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FileNotFoundError, match=r"no face.*\[age\]_\[gender\]_\[race\]_\[date\]\.jpg"):
        utkface.load_data(empty)
