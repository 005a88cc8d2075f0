"""The OpenAPI document as it is kept in docs/openapi.json: written, compared, and what of a change breaks clients."""
