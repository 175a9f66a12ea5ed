from odoo.tests.common import TransactionCase, new_test_user


def read_all(env):
    """Gives every recorded change its place: of those that nobody has read yet, one call places only so many."""
    while env["millwright.outbox"].sudo().search_count([("position", "=", False)]):
        env["millwright.outbox"]._place(env["millwright.store"]._current())


class GatewayCase(TransactionCase):
    """A plain service user that may also make contacts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = new_test_user(
            cls.env, login="gateway_service",
            groups="base.group_user,base.group_partner_manager,millwright_gateway.group_service")
        cls.as_service = cls.env(user=cls.service)
        read_all(cls.env)

    def submit(self, *operations, **options):
        return self.as_service["millwright.inbox"].submit(list(operations), **options)["answers"]

    def changes(self, cursor=None, **options):
        """What a reader sees of this test's own transaction."""
        self.env.cr.flush()
        return self.as_service["millwright.outbox"].pull("test", cursor=cursor, **options)

    def head(self):
        return self.changes(limit=1)["head"]


def create_partner(key, name, **more):
    return dict({"key": key, "steps": [
        {"create": "res.partner", "values": {"name": name}, "as": "partner"}]}, **more)


def rename(key, partner, name, expected, **more):
    return dict({"key": key, "steps": [
        {"guard": "res.partner", "ids": [partner.id], "where": [["name", "=", expected]]},
        {"write": "res.partner", "ids": [partner.id], "values": {"name": name}}]}, **more)
