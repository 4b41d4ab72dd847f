"""One's own photographs: what comes out of a folder, and what is said of a folder that isn't as it should be."""

from __future__ import annotations

from pathlib import Path

from functional_course.data import albums

import numpy as np
import pytest
from PIL import Image

COUNTS = {"bowls": 10, "cups": 20, "glasses": 5}
SHADES = {"bowls": 40, "cups": 120, "glasses": 200}


def write(path: Path, shade: int, number: int = 0, size: tuple[int, int] = (40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, 10, 2 * number)).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "table"
    for name, count in COUNTS.items():
        for number in range(count):
            write(place / name / f"{number:02d}.png", SHADES[name], number)
    (place / "notes.txt").write_text("no folder, so no class")
    (place / "cups" / ".DS_Store").write_text("what a Mac leaves behind")
    (place / "cups" / "Thumbs.db").write_text("what Windows leaves behind")
    return place


def test_every_class_is_on_all_sides_in_proportion_and_no_file_is_on_two(folder: Path):
    sides = albums.load_data(folder, size=12)
    assert [len(side) for side in sides] == [21, 7, 7]
    assert [np.bincount(side.labels).tolist() for side in sides] == [[6, 12, 3], [2, 4, 1], [2, 4, 1]]
    assert len({path for side in sides for path in side.paths}) == sum(COUNTS.values())
    for side in sides:
        assert side.names == ("bowls", "cups", "glasses")
        assert side.images.shape[1:] == (12, 12, 3) and side.images.dtype == np.uint8 and side.labels.dtype == np.int64
        assert side.captions() == [path.parent.name for path in side.paths]
        assert side.images[:, 6, 6, 0].tolist() == [SHADES[name] for name in side.captions()]
        assert side.images[:, 6, 6, 2].tolist() == [2 * int(path.stem) for path in side.paths]


def test_the_seed_alone_decides_the_split_and_the_order(folder: Path):
    first, again, other = (albums.load_data(folder, size=4, seed=seed)[0] for seed in (0, 0, 1))
    assert first.paths == again.paths and np.array_equal(first.images, again.images)
    assert set(first.paths) != set(other.paths)
    assert first.labels.tolist() != sorted(first.labels), "the classes are mixed"


def test_some_of_an_album(folder: Path):
    album = albums.load_data(folder, size=4)[0]
    some = album[album.labels == 1]
    assert len(some) == 12 and set(some.captions()) == {"cups"} and len(some.paths) == 12
    assert album[np.array([3, 0])].paths == (album.paths[3], album.paths[0]) and len(album[:2]) == 2
    with pytest.raises(TypeError, match=r"album\[:20\]; not by 0"):
        album[0]


def test_a_photograph_is_put_upright_and_cut_to_its_middle(folder: Path):
    bands = np.zeros((30, 90, 3), "uint8")
    bands[:, :30, 0], bands[:, 30:60, 1], bands[:, 60:, 2] = 250, 250, 250
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side: turned right by a quarter, it is upright
    bands[:15, 30:60] = 90
    Image.fromarray(bands).save(folder / "glasses" / "wide.png", exif=exif)
    (place,) = (
        (side, position)
        for side in albums.load_data(folder, size=30)
        for position, path in enumerate(side.paths)
        if path.name == "wide.png"
    )
    image = place[0].images[place[1]]
    assert image[15, 25].tolist() == [90, 90, 90], "what lay above lies to the right"
    assert image[15, 4].tolist() == [0, 250, 0], "the middle third"


def test_a_grey_and_a_transparent_picture_get_three_channels(folder: Path):
    Image.new("L", (20, 20), 77).save(folder / "glasses" / "grey.jpg")
    Image.new("RGBA", (20, 20), (9, 9, 9, 128)).save(folder / "glasses" / "clear.png")
    pixels = {
        path.name: image
        for side in albums.load_data(folder, size=4)
        for image, path in zip(side.images, side.paths, strict=True)
    }
    assert abs(int(pixels["grey.jpg"][0, 0, 1]) - 77) < 4 and pixels["clear.png"].shape == (4, 4, 3)


def test_no_such_folder(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="There is no folder .*none. Name one that holds one folder"):
        albums.load_data(tmp_path / "none")


def test_fewer_than_two_classes(tmp_path: Path):
    (tmp_path / ".hidden").mkdir()
    write(tmp_path / "lies_about.png", 3)
    with pytest.raises(ValueError, match="at least two, and holds none. Put the photographs of each class"):
        albums.load_data(tmp_path)
    for number in range(5):
        write(tmp_path / "cups" / f"{number}.png", 3, number)
    with pytest.raises(ValueError, match="at least two, and holds only one, cups"):
        albums.load_data(tmp_path)


def test_a_class_with_too_few_pictures(folder: Path):
    (folder / "glasses" / "04.png").unlink()
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match=r"at least 5 photographs.*: empty has 0, glasses has 4\. Add some, or move"):
        albums.load_data(folder)


@pytest.mark.parametrize("name", ["broken.jpg", "IMG_0001.HEIC", "letter.docx"])
def test_a_file_that_cannot_be_read_is_named(folder: Path, name: str):
    (folder / "cups" / name).write_bytes(b"no picture")
    with pytest.raises(ValueError, match=rf"can be read from \S*{name}\. Save such a file as JPEG or PNG"):
        albums.load_data(folder)


def test_half_a_picture_a_folder_and_many_damaged_files(folder: Path):
    noise = np.random.default_rng(0).integers(256, size=(64, 64, 3)).astype("uint8")
    Image.fromarray(noise).save(folder / "cups" / "half.jpg")
    whole = (folder / "cups" / "half.jpg").read_bytes()
    (folder / "cups" / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "cups" / "more").mkdir()
    with pytest.raises(ValueError, match=r"read from \S*half.jpg, \S*more\."):
        albums.load_data(folder)
    for number in range(4):
        (folder / "glasses" / f"{number}.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match=r"half.jpg, \S*more, \S*0.jpg and 3 more\."):
        albums.load_data(folder)


def test_the_same_picture_twice(folder: Path):
    (folder / "glasses" / "copy.png").write_bytes((folder / "cups" / "07.png").read_bytes())
    with pytest.raises(ValueError, match=r"copy.png and \S*07.png are the same picture.*Remove one"):
        albums.load_data(folder)


@pytest.mark.parametrize("wrong", [{"size": 0}, {"test": 0.0}, {"validation": -0.1}, {"validation": 0.5, "test": 0.5}])
def test_a_size_or_shares_that_cannot_be(folder: Path, wrong: dict):
    with pytest.raises(ValueError, match="number of pixels from 1|at most 0.6"):
        albums.load_data(folder, **wrong)
