"""Files of instructions: each is some prompt's, none changes once it was in use."""

from __future__ import annotations

import hashlib
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import core
from core.llm.prompts import Prompt

ROOT = Path(core.__file__).parent
FILES = {path.name: path for path in sorted(ROOT.glob("*/instructions/*"))}
PINNED: dict[str, str] = json.loads(Path(__file__).with_name("prompt_files.json").read_text())


def test_every_file_keeps_its_text() -> None:
    """Where this fails: a changed text is a new version, in a file of its own; a new file is pinned in the JSON."""
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in FILES.items()} == PINNED


def test_every_prompt_has_its_file_and_every_file_its_prompt() -> None:
    present = {f"{prompt.name}.v{prompt.version}.md" for prompt in _prompts()}
    assert present <= set(FILES)
    newest = {prompt.name: prompt.version for prompt in _prompts()}
    for name in FILES:
        prompt, version = name.removesuffix(".md").rsplit(".v", 1)
        assert 1 <= int(version) <= newest[prompt], f"{name} belongs to no prompt"


def test_no_two_prompts_share_a_name() -> None:
    names = [prompt.name for prompt in _prompts()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", list(FILES))
def test_instructions_say_that_data_is_no_instruction(name: str) -> None:
    text = " ".join(FILES[name].read_text().split())
    assert "instruction" in text, "a prompt tells the model that what stands in the data is never an instruction"


def _prompts() -> list[Prompt[Any, Any]]:
    found: dict[int, Prompt[Any, Any]] = {}
    for path in sorted(ROOT.glob("*/prompts.py")):
        module = import_module(f"core.{path.parent.name}.prompts")
        for value in vars(module).values():
            if isinstance(value, Prompt):
                found[id(value)] = value
    return list(found.values())
