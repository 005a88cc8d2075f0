"""The offline demonstration model: a local server that speaks the OpenAI protocol without a network.

It owns no table, answers deterministically for the same request including its seed, and marks everything it
says as a demonstration. It may import nothing else from `core`; its ASGI app is the one place in `core` that
may import starlette.
"""
