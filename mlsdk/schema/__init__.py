"""How one attrs class becomes an ARM body, a YAML file, command-line options, a JSON schema and a reference page.

`fields` holds the words an entity file is written with, `values` what may be assigned, `bodies` the ARM form, `files` the
YAML form and `describe` what can be read from a class. `codecs` are the values whose two forms differ.
"""
