"""Which layer brought a file, which one hides it, and what stays in the image for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.image.merge import merge
from tests.image.archives import LIMITS, codes, everything, layer, scan

if TYPE_CHECKING:
    from linter.image.model import Merged


def merged(*layers: bytes) -> Merged:
    return merge([scan(each, everything) for each in layers], LIMITS)


def hidden(view: Merged) -> set[tuple[str, int, int, bool]]:
    return {(each.entry.path, each.entry.layer, each.by, each.replaced) for each in view.hidden}


def test_each_file_has_the_layer_that_brought_it() -> None:
    view = merged(layer("a/", ("a/x", b"1"), ("a/y", b"2")), layer("a/", ("a/y", b"3")), layer(("b/c", b"4")))
    assert {path: entry.layer for path, entry in view.entries.items()} == {"a": 0, "a/x": 0, "a/y": 1, "b": 2, "b/c": 2}
    assert view.contents == {"a/x": b"1", "a/y": b"3", "b/c": b"4"}
    assert hidden(view) == {("a/y", 0, 1, True)}
    assert view.hidden_contents == {(0, "a/y"): b"2"}


def test_a_folder_belongs_to_the_layer_that_brought_it_until_it_changes() -> None:
    view = merged(layer("a/", "b/"), layer("a/", ("b/", {"mode": 0o700})))
    assert (view.entries["a"].layer, view.entries["b"].layer, view.entries["b"].mode) == (0, 1, 0o700)
    assert hidden(view) == set()


def test_what_is_removed_stays_known_as_hidden() -> None:
    view = merged(layer("a/", ("a/x", b"1"), ("a/y", b"2"), "l -> a"), layer(".wh.a", ".wh.l"))
    assert view.entries == {}
    assert hidden(view) == {("a/x", 0, 1, False), ("a/y", 0, 1, False), ("l", 0, 1, False)}
    assert view.hidden_contents == {(0, "a/x"): b"1", (0, "a/y"): b"2"}


def test_a_removed_file_that_comes_back_in_the_same_layer_counts_as_replaced() -> None:
    view = merged(layer("a/", ("a/x", b"1"), ("a/y", b"2")), layer("a/.wh..wh..opq", ("a/x", b"3")))
    assert hidden(view) == {("a/x", 0, 1, True), ("a/y", 0, 1, False)}
    assert view.contents == {"a/x": b"3"}


def test_a_whiteout_says_nothing_about_its_own_layer_wherever_it_stands() -> None:
    for given in ([".wh.x", ("x", b"2")], [("x", b"2"), ".wh.x"]):
        view = merged(layer(("x", b"1")), layer(*given))
        assert view.contents == {"x": b"2"}
        assert hidden(view) == {("x", 0, 1, True)}


def test_an_opaque_root_empties_the_image() -> None:
    view = merged(layer("a/", ("a/x", b"1")), layer(".wh..wh..opq", ("z", b"2")))
    assert set(view.entries) == {"z"}


def test_a_file_in_the_place_of_a_folder_replaces_only_the_folder() -> None:
    view = merged(layer("a/", ("a/x", b"1")), layer(("a", b"2")), layer("a/"))
    assert hidden(view) == {("a/x", 0, 1, False), ("a", 1, 2, False)}
    assert view.hidden_contents == {(0, "a/x"): b"1", (1, "a"): b"2"}


def test_a_folder_over_a_link_leaves_what_the_link_pointed_to() -> None:
    view = merged(
        layer("real/", ("real/x", b"1"), "l -> real"), layer("l/", "l/.wh..wh..opq", "l/.wh.x", ("l/y", b"2"))
    )
    assert {"real/x", "l/y"} <= set(view.entries)
    assert hidden(view) == {("l", 0, 1, False)}


def test_files_that_come_through_links_stand_where_the_links_lead() -> None:
    view = merged(layer("usr/lib/", "lib -> usr/lib"), layer(("lib/x", b"1")), layer(("usr/lib/x", b"2")))
    assert view.entries["usr/lib/x"].layer == 2
    assert hidden(view) == {("usr/lib/x", 1, 2, True)}
    assert view.hidden_contents == {(1, "usr/lib/x"): b"1"}


def test_a_hard_link_has_the_size_and_the_content_of_its_file_even_when_that_is_gone() -> None:
    view = merged(layer(("a", b"content"), "b => a"), layer(".wh.a", "c => b"))
    assert {path: (entry.size, entry.target, entry.layer) for path, entry in view.entries.items()} == {
        "b": (7, "a", 0),
        "c": (7, "b", 1),
    }
    assert view.contents == {"b": b"content", "c": b"content"}
    assert hidden(view) == {("a", 0, 1, False)}


def test_a_hard_link_to_itself_changes_nothing() -> None:
    view = merged(layer(("a", b"1"), "a => a"))
    assert (view.contents, codes(view)) == ({"a": b"1"}, [])


def test_problems_of_layers_come_with_their_number() -> None:
    view = merged(layer("a"), layer("../b"))
    assert [(problem.code, problem.layer) for problem in view.problems] == [("unsafe-name", 1)]


def test_scans_stay_as_they_are() -> None:
    scans = [scan(layer(("a", b"1"))), scan(layer(("a", b"2")))]
    before = [list(each.entries) for each in scans]
    merge(scans, LIMITS)
    assert [list(each.entries) for each in scans] == before
