"""Questionnaires: sections of questions in versions; a simulation runs on an immutable snapshot of one.

Owns the tables questionnaire, questionnaire_version and anchor_set. Imports personas, objectives, explorations,
workspaces, jobs, llm, events, audit, db, stats, errors and clock only.

The rooms, those that read and write first, the pure ones they call after the dash:

- kept and changed: `service`, `editing`, `anchor_sets` — `content` (what surveys reuse), `building` (names every wrong
  field), `scales`, `rows`, `item_sets`, `splits`, `pieces`
- who is asked what: `logic`, `reading`, `routing`, `piping`; judged: `lint`
- drafted by a model: `generating` — `drafting`, `prompts`
- files: `exporting`, `uploads` — `paper`, `wording`, `qsf`, `qsf_logic`
"""
