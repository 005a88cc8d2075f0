"""The coding of one question's texts, whatever a model replies."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from core.llm.errors import ModelReplyUnusable
from core.themes.coding import BATCH, Said
from core.themes.prompts import THEME_CODEBOOK, Codebook, GivenCodes
from tests.factories.questionnaires import stored
from worker.context import JobContext
from worker.jobs.themes import UNUSABLE_REPLIES, Coder


class Model:
    """Replies with one theme, codes each text by its first two words, and refuses texts that say "bad"."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def ask(self, prompt: Any, data: Any, *, key: str, **_: Any) -> Any:
        self.keys.append(key)
        if prompt is THEME_CODEBOOK:
            output: Any = Codebook.model_validate({"themes": [{"name": "Any", "definition": "All."}]})
        elif any("bad" in one.text for one in data.texts):
            raise ModelReplyUnusable
        else:
            codes = [{"ref": one.ref, "code": "t1", "quote": " ".join(one.text.split()[:2])} for one in data.texts]
            output = GivenCodes.model_validate({"codes": codes})
        return SimpleNamespace(output=output, model="m", lineage_id=UUID(int=len(self.keys)))


async def test_texts_without_a_usable_reply_stay_uncoded_and_do_not_end_the_job() -> None:
    texts = [f"number {n} is fine" for n in range(BATCH)] + ["this is bad", "this too", "this too"]
    said = [Said(number, UUID(int=9), 1.0, text) for number, text in enumerate(texts, start=1)]
    model = Model()
    coder = Coder(cast("JobContext", model), stored("open_ended", key="why"), said, "en", 5, 1)
    await coder.code()
    assert (coder.coded.unread, coder.coded.dropped) == (3, 0)
    assert coder.coded.stored(said[0])["codes"] == ["t1"]
    assert coder.coded.stored(said[0])["lineage_id"] == UUID(int=2)
    assert coder.coded.stored(said[-1]) == {"codes": [], "quotes": {}, "lineage_id": None}
    again = [f"why:codes:1{suffix}" for suffix in ("", *(f":{n}" for n in range(1, UNUSABLE_REPLIES + 1)))]
    assert sorted(model.keys) == sorted(["why:codebook", "why:codes:0", *again])
