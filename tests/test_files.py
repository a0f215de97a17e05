"""Files that are there whole or not at all."""

import errno
import json
import os

import pytest

from cam_arena.files import write_json, write_whole


def test_a_file_replaces_what_stood_there(tmp_path):
    path = tmp_path / "état.json"
    write_json(path, {"a": [1, 2]})
    write_json(path, {"b": "é"})
    assert json.loads(path.read_text(encoding="utf-8")) == {"b": "é"}
    write_whole(path, b"\0\1")
    assert path.read_bytes() == b"\0\1"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    write_json(path, "old")

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=r"Input/output error.*state\.json"):
        write_json(path, "new")
    assert json.loads(path.read_text()) == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_document_that_json_does_not_know_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / "state.json", {"a": tmp_path})
    assert not list(tmp_path.iterdir())
