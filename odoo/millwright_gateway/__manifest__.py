{
    "name": "Millwright Gateway",
    "summary": "Posts batches of operations once in effect, and hands out every committed change, in order",
    # Where there is none, Odoo takes README.md for reStructuredText.
    "description": "Takes operations with a key each, and records changes for readers. See README.md.",
    # The series is left out on purpose: one code base serves Odoo 16.0, 17.0, 18.0 and 19.0.
    "version": "1.0.0",
    "category": "Technical",
    "author": "Millwright",
    "license": "LGPL-3",
    "depends": ["base"],
    "data": [
        "security/groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/allowed.xml",
        "data/watches.xml",
        "data/interface.xml",
        "views/menus.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "installable": True,
    "application": False,
}
