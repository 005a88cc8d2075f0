"""One module per resource; each route translates in, makes one domain call and translates out."""
