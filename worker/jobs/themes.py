"""Body of the job that codes open-ended answers: a codebook of each question, then all its texts, some at a time."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.errors import PermanentError
from core.llm.errors import ModelReplyUnusable
from core.llm.prompts import Prompt
from core.questionnaires.content import Question
from core.stats.sampling import derive_seed31
from core.themes import service as themes
from core.themes.coding import LONGEST_SHOWN, Coded, Said, add_checked, batches, kept_themes, sample
from core.themes.jobs import CODE_THEMES, CodeThemes
from core.themes.prompts import THEME_CODEBOOK, THEME_CODES, CodebookInput, CodesInput, NamedTheme, TextToCode
from worker.context import Asked, JobContext
from worker.jobs.asking import together
from worker.registry import Done, body

# More draws for a reply that cannot be used.
UNUSABLE_REPLIES: Final = 2


@body(CODE_THEMES)
async def code_themes(ctx: JobContext, args: CodeThemes) -> Done:
    """Code all texts; they are saved together, with the end of the job."""
    workspace_id = ctx.claim.workspace_id
    if workspace_id is None:
        raise PermanentError("Texts are coded in a workspace.")
    async with ctx.scope() as session:
        coding, simulation, found = await themes.gather(session, workspace_id, args.coding_id)
    texts = {key: said for key, (_, said) in found.items()}
    total = sum(1 + len(list(batches(said))) for said in texts.values() if said)
    await ctx.progress(total=total, message="Texts are coded")
    coders = {
        key: Coder(ctx, question, said, simulation.language, coding.max_themes, coding.seed)
        for key, (question, said) in found.items()
    }
    await together([coder.code() for coder in coders.values()])
    frames = {key: coder.themes for key, coder in coders.items()}
    coded = {key: coder.coded for key, coder in coders.items()}
    models = [model for coder in coders.values() for model in coder.models]

    async def write(session: AsyncSession) -> None:
        await themes.keep(session, coding, simulation.exploration_id, texts, frames, coded, models)

    return Done({"coding_id": str(coding.id), "simulation_id": str(simulation.id)}, write)


class Coder:
    """Codes the texts of one question."""

    def __init__(
        self, ctx: JobContext, question: Question, said: list[Said], language: str, most: int, seed: int
    ) -> None:
        self.ctx = ctx
        self.question = question
        self.said = said
        self.language = language
        self.most = most
        self.seed = seed
        self.themes: list[NamedTheme] = []
        self.coded = Coded()
        self.models: set[str] = set()
        self.numbers: dict[str, list[int]] = {}
        for one in said:
            self.numbers.setdefault(one.text, []).append(one.number)

    async def code(self) -> None:
        if not self.said:
            return
        seed = derive_seed31("codebook", self.question.key, self.seed)
        data = CodebookInput(
            question=self.question.text,
            language=self.language,
            max_themes=self.most,
            texts=sample(self.said, self.question.key, self.seed),
        )
        asked = await self.ask(THEME_CODEBOOK, data, "codebook", seed, {})
        self.themes = kept_themes(asked.output, self.most)
        shown = list(batches(self.said))
        replies = await together([self.ask_batch(at, one) for at, one in enumerate(shown)])
        for texts, reply in zip(shown, replies, strict=True):
            if reply is None:
                self.coded.unread += sum(len(self.numbers[text]) for text in texts.values())
                continue
            add_checked(self.coded, reply.output, texts, self.themes)
            self.coded.lineage.update(dict.fromkeys(texts.values(), reply.lineage_id))

    async def ask_batch(self, at: int, texts: dict[str, str]) -> Asked[Any] | None:
        """Return the codes of some texts, None where no reply can be used: one bad text does not end the job."""
        data = CodesInput(
            question=self.question.text,
            themes=self.themes,
            texts=[TextToCode(ref=ref, text=text[:LONGEST_SHOWN]) for ref, text in texts.items()],
        )
        seed = derive_seed31("codes", self.question.key, at, self.seed)
        numbers = [number for text in texts.values() for number in self.numbers[text]]
        try:
            return await self.ask(THEME_CODES, data, f"codes:{at}", seed, {"respondents": numbers})
        except ModelReplyUnusable:
            return None

    async def ask(
        self, prompt: Prompt[Any, Any], data: BaseModel, step: str, seed: int, made_from: dict[str, Any]
    ) -> Asked[Any]:
        """Ask until a reply can be used, a few times at most; raises ModelReplyUnusable."""
        again = 0
        key = f"{self.question.key}:{step}"
        while True:
            try:
                asked = await self.ctx.ask(
                    prompt,
                    data,
                    key=f"{key}:{again}" if again else key,
                    seed=seed,
                    draw=again,
                    made_from=made_from | {"question_key": self.question.key},
                )
            except ModelReplyUnusable:
                again += 1
                if again > UNUSABLE_REPLIES:
                    raise
            else:
                self.models.add(asked.model)
                return asked
