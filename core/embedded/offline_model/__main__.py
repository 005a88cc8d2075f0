"""Run the offline model: `python -m core.embedded.offline_model --host 127.0.0.1 --port 8099`."""

import argparse

import uvicorn

from core.embedded.offline_model.app import create_app


def main(arguments: list[str] | None = None) -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="offline-model", description="The offline demonstration model.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--threads", type=int, default=1, help="threads of one embedding run")
    options = parser.parse_args(arguments)
    uvicorn.run(
        create_app(embedding_threads=options.threads),
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )


if __name__ == "__main__":
    main()
