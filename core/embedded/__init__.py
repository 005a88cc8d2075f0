"""The embedded default: real Postgres, Valkey and the offline model started beside web and worker.

Owns no tables; owns what lies in DATA_DIR: `postgres/`, `valkey/`, `logs/`, `ports.json`, `state.json`.
Imports `core.settings` and nothing else of the product, so that it can start what the rest needs.
`stack.Stack` starts the whole; `postgres.running_postgres`, `valkey.running_valkey` and
`model.running_offline_model` start one server each.
"""
