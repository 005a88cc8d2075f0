"""Shapes of banner tables over HTTP."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from core.stats.column_letters import Adjustment


class BannerColumn(BaseModel):
    """A column: the total (`variable` and `letter` null), or a category of one of the banner's variables.

    `n`, `weighted_n` and `n_eff` are of all respondents in it; each question has its own bases. `n_eff` is at the
    planning value 0.2 of the intra-class correlation.
    """

    variable: str | None
    variable_label: str
    code: str
    label: str
    letter: str | None
    n: int
    weighted_n: float
    n_eff: float


class BannerBase(BaseModel):
    """Those of a column who answered a question; `tested` is false where they are too few."""

    n: int
    weighted_n: float
    n_eff: float
    tested: bool


class BannerCell(BaseModel):
    """How many of a column chose an option, in weighted per cent (0–100), with the simulation interval.

    `letters` name the columns of the same variable that are significantly lower.
    """

    n: int
    weighted_n: float
    col_pct: float | None
    ci: tuple[float, float] | None
    letters: str


class BannerRow(BaseModel):
    """An option, with a cell for each column."""

    code: str
    label: str
    cells: list[BannerCell]


class BannerFigure(BaseModel):
    """A figure of a column; `letters` name the columns of the same variable that are significantly lower."""

    value: float | None
    letters: str


class BannerQuestion(BaseModel):
    """A question against the banner: of each column its base, its cells, and figures where the question has them.

    A row of a matrix has the key `<key>.<row>`, a ranking has its first choices as rows.
    `mean` and `sd` are of numbers and of points of a scale; `top2` and `bottom2` per cent; `nps` −100…100, untested.
    """

    key: str
    type: str
    text: str
    bases: list[BannerBase]
    rows: list[BannerRow]
    mean: list[BannerFigure] | None
    sd: list[float | None] | None
    top2: list[BannerFigure] | None
    bottom2: list[BannerFigure] | None
    nps: list[float | None] | None


class BannerRead(BaseModel):
    """Questions against several variables at once, a page of questions at a time; `columns` begin with the total.

    Each cell is what results filtered to its column say. Letters compare the columns of one variable, at `alpha` for
    all pairs of a row and variable together. Columns of fewer than 30 answers are not tested.
    """

    simulation_id: UUID
    filters: list[str]
    segment_ids: list[UUID]
    weighting_id: UUID | None
    alpha: float
    adjustment: Adjustment
    n: int
    columns: list[BannerColumn]
    questions: list[BannerQuestion]
    warnings: list[str]
    next_cursor: str | None = None
