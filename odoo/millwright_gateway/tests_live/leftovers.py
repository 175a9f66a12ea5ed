"""What is left of the addon in a database from which it was uninstalled?

    odoo-bin shell -d DATABASE --no-http < tests_live/leftovers.py

Looks at the names of all that PostgreSQL keeps, and into each text of each table. The list of available addons, which
Odoo makes from the folders on the disk, is no leftover.
"""
WORD = "%millwright%"
# The entry in the list of available addons, the external id of that entry, and API keys: people name these.
EXPECTED = {"ir_module_module": "name = 'millwright_gateway'",
            "ir_model_data": "module = 'base' AND name = 'module_millwright_gateway'",
            "res_users_apikeys": "true"}

cr = globals()["env"].cr  # the shell's own
found = []
for kind, query in (
    ("table, index or sequence", "SELECT relname FROM pg_class WHERE relname LIKE %s"),
    ("column", "SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE attname LIKE %s"),
    ("constraint", "SELECT conname FROM pg_constraint WHERE conname LIKE %s"),
    ("function", "SELECT proname FROM pg_proc WHERE proname LIKE %s"),
    ("trigger", "SELECT tgname FROM pg_trigger WHERE tgname LIKE %s"),
):
    cr.execute(query, [WORD])
    found += ["%s %s" % (kind, name) for (name,) in cr.fetchall()]
cr.execute(
    """SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables
           USING (table_schema, table_name)
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
          AND data_type IN ('text', 'character varying', 'jsonb', 'json')""")
columns = {}
for table, column in cr.fetchall():
    columns.setdefault(table, []).append(column)
for table, names in columns.items():
    condition = " OR ".join('"%s"::text ILIKE %%s' % name for name in names)
    cr.execute('SELECT count(*) FROM "%s" WHERE (%s) AND NOT (%s)' % (
        table, condition, EXPECTED.get(table, "false")), [WORD] * len(names))
    if cr.fetchone()[0]:
        found.append("table %s has rows that name it" % table)
print("looked into %d tables; %s" % (len(columns), "LEFT: " + "; ".join(found) if found else "nothing is left"))
