"""Survey simulations: respondents are individuals, each answer recorded with its method and origin.

Owns the tables simulation, respondent, answer, retest_answer, answer_column, segment and weighting. Imports population,
questionnaires, personas, explorations, workspaces, jobs, llm, lineage, events, stats and db.

The rooms, those that read and write first, the pure ones they call after the dash:

- a run begins: `service`, `panel`, `submitting`, `drawing`, `anchoring`, `estimates` — `methods`, `arms`, `anchors`,
  `estimating`, `sharding`
- respondents are asked: worker/jobs — `elicitation`, `prompts`, `replies`, `max_diff`, `retest`
- it goes on: `extending` (with `additions`), `rerunning`
- what was answered: `columns`, `selecting`, `segments`, `weightings` — `samples`, `variables`, `reweighing`
- figures: `outcomes`, `tables`, `banners`, `comparing`, `alarms`, `retests` — `results`, `arm_results`, `batteries`,
  `crosstab`, `banner`, `comparison`, `quality`, `cautions`, `missing`, `figures`
- files: `exporting`, `filing` — `export`, `export_long`, `fields`
"""
