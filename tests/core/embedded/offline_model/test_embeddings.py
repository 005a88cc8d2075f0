"""Embeddings mean something, in both encodings, and survive a missing model."""

import math
from collections.abc import Sequence

import httpx
import openai
import pytest
from openai import OpenAI

from core.embedded.offline_model import embeddings
from core.embedded.offline_model.embeddings import Embedder, HashedWords

MODEL = "offline-demonstration-embedding-2"


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_similar_sentences_are_closer(sdk: OpenAI) -> None:
    texts = [
        "The rent went up again.",
        "My landlord raised what I pay each month.",
        "I enjoy playing the piano.",
    ]
    data = sdk.embeddings.create(model=MODEL, input=texts).data
    rent, landlord, piano = (item.embedding for item in data)
    assert len(rent) == embeddings.WIDTH
    assert math.isclose(cosine(rent, rent), 1.0, abs_tol=1e-5)
    assert cosine(rent, landlord) > cosine(rent, piano) + 0.2


def test_base64_and_float_agree_and_a_batch_equals_one_by_one(sdk: OpenAI) -> None:
    texts = ["short", "a much longer sentence about groceries, rent and work in a small town " * 3]
    default = sdk.embeddings.create(model=MODEL, input=texts)
    floats = sdk.embeddings.create(model=MODEL, input=texts[1], encoding_format="float")
    assert default.model == MODEL
    assert default.usage.prompt_tokens > 10
    assert cosine(default.data[1].embedding, floats.data[0].embedding) == pytest.approx(1.0, abs=1e-5)


def test_dimensions_are_honoured(sdk: OpenAI) -> None:
    vector = sdk.embeddings.create(model=MODEL, input="text", dimensions=64).data[0].embedding
    assert len(vector) == 64
    assert cosine(vector, vector) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("given", [[], "", ["a", ""], 5, [[1, 2]]])
def test_bad_input_is_a_bad_request(http: httpx.Client, given: object) -> None:
    answer = http.post("/v1/embeddings", json={"model": MODEL, "input": given})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "input"


def test_unknown_encoding_is_a_bad_request(sdk: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        sdk.embeddings.create(model=MODEL, input="x", encoding_format="hex")  # type: ignore[arg-type]


def test_odd_and_long_texts_are_embedded(sdk: OpenAI) -> None:
    data = sdk.embeddings.create(model=MODEL, input=["word " * 5000, "\u202e字\U0001f600", " "]).data
    assert all(math.isfinite(item.embedding[0]) for item in data)


def test_the_backend_is_told(http: httpx.Client) -> None:
    assert http.get("/stats").json()["embedding_backend"] == "all-MiniLM-L6-v2-int8"


def test_without_the_model_words_are_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "model_installed", lambda: False)
    embedder = Embedder()
    rent, more_rent, piano = embedder.embed(["the rent went up", "my rent went up again", "playing piano"])
    assert embedder.backend == HashedWords.name
    assert cosine(rent, rent) == pytest.approx(1.0, abs=1e-5)
    assert cosine(rent, more_rent) > cosine(rent, piano)


def test_repeated_texts_come_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "model_installed", lambda: False)
    embedder = Embedder()
    first = embedder.embed(["a", "b", "a"])
    assert embedder.cache_hits == 0
    assert embedder.embed(["b", "a"]) == [first[1], first[0]]
    assert embedder.cache_hits == 2
