import random

from odoo.tests.common import BaseCase, tagged

from ..models.operation import Malformed, Operation, groups, waves


def _operation(key, ids, lane="", model="res.partner"):
    return Operation({"key": key, "lane": lane, "steps": [
        {"write": model, "ids": ids, "values": {"name": key}}]})


@tagged("post_install", "-at_install")
class TestOperation(BaseCase):
    def test_malformed_operations_are_refused_with_the_place(self):
        step = {"write": "res.partner", "ids": [1], "values": {}}
        for given, words in (
            ([], "an object"),
            ({"key": "", "steps": [step]}, "key"),
            ({"key": "k", "steps": []}, "steps"),
            ({"key": "k", "steps": [step], "then": 1}, "unknown keys"),
            ({"key": "k", "steps": [{"ids": [1]}]}, "has one of"),
            ({"key": "k", "steps": [{"write": "res.partner", "ids": [1]}]}, "lacks values"),
            ({"key": "k", "steps": [dict(step, sudo=True)]}, "unknown keys sudo"),
            ({"key": "k", "steps": [dict(step, ids=[0])]}, "ids"),
            ({"key": "k", "steps": [dict(step, ids=["1"])]}, "ids"),
            ({"key": "k", "steps": [dict(step, ids=[True])]}, "ids"),
            ({"key": "k", "steps": [dict(step, write="res.partner; drop")]}, "names no model"),
            ({"key": "k", "steps": [dict(step, values={"name": {"$": "lot"}})]}, "which no step before it makes"),
            ({"key": "k", "steps": [{"guard": "res.partner", "ids": [1], "where": [], "otherwise": "go"}]},
             "otherwise"),
        ):
            with self.assertRaises(Malformed) as caught:
                Operation(given)
            self.assertIn(words, str(caught.exception))

    def test_no_value_at_all_breaks_anything_but_its_own_operation(self):
        """Odd values in odd places: each is understood or refused as malformed, so a batch goes on without it."""
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        deep = []
        for _level in range(500):
            deep = [deep]
        odd = [None, True, 0, -1, 1.5, float("nan"), "", "a\0b", "\ud800", "x" * 300, [], [[]], {}, {"$": "a"},
               {"$": {}}, {"$ids": [1]}, {"$": None}, {"\ud800": "\0"}, deep]
        steps = [
            {"guard": "m.n", "ids": [1], "where": [["a", "=", 1]], "otherwise": "stop", "code": "c"},
            {"find": "m.n", "where": [], "as": "a", "order": "id", "limit": 1, "count": 1},
            {"read": "m.n", "ids": [1], "fields": ["a"], "as": "b"}, {"create": "m.n", "values": {"a": 1}, "as": "c"},
            {"ensure": "m.n", "where": [], "values": {}, "as": "d"},
            {"write": "m.n", "ids": [1], "values": {}, "when": [], "context": {}},
            {"call": "m.n", "method": "go", "ids": [1], "args": [], "kwargs": {}, "when": [], "context": {}, "as": "e"}]
        understood = 0
        for _round in range(3000):
            given = {"key": "k", "name": "n", "lane": "l", "context": {}, "steps": [dict(step) for step in steps]}
            target = chance.choice([given] + given["steps"])
            target[chance.choice(list(target))] = chance.choice(odd)
            try:
                operation = Operation(given)
            except Malformed:
                continue
            except Exception as error:
                self.fail("seed %d: %r for %r" % (seed, error, target))
            understood += 1
            for text in (operation.key, operation.name, operation.lane):
                self.assertTrue(text == "" or text.isprintable(), "seed %d" % seed)
            self.assertTrue(operation.digest and operation.shape)
        self.assertGreater(understood, 100)

    def test_a_call_whose_result_is_named_is_never_united_with_others(self):
        def united(**more):
            step = dict({"call": "res.partner", "method": "copy", "ids": [1]}, **more)
            return Operation({"key": "k", "steps": [step]}).steps[0].is_united

        self.assertTrue(united())
        self.assertFalse(united(**{"as": "made"}))

    def test_operations_that_differ_in_records_and_values_alone_are_of_one_shape(self):
        self.assertEqual(_operation("a", [1]).shape, _operation("b", [2, 3]).shape)
        self.assertNotEqual(_operation("a", [1]).shape, _operation("a", [1], model="res.users").shape)

    def test_waves_keep_the_order_of_operations_that_share_a_record_or_a_lane(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        for _round in range(200):
            operations = [
                _operation(
                    str(index), chance.sample(range(1, 9), chance.randint(1, 3)), chance.choice(["", "", "A", "B"]))
                for index in range(chance.randint(1, 25))]
            found = waves(operations)
            number = {one.key: index for index, wave in enumerate(found) for one in wave}
            self.assertEqual(len(number), len(operations), "seed %d" % seed)
            for later, one in enumerate(operations):
                for other in operations[:later]:
                    if one.touches & other.touches or (one.lane and one.lane == other.lane):
                        self.assertLess(number[other.key], number[one.key], "seed %d" % seed)
            for wave in found:
                grouped = [one.key for group in groups(wave, 4) for one in group]
                self.assertEqual(sorted(grouped), sorted(one.key for one in wave), "seed %d" % seed)
