import logging

from odoo.modules.module import Manifest
from odoo.tests import TransactionCase
from odoo.tools.convert import convert_file


class DemoCommon(TransactionCase):
    """Demo data loads as at installation, after what its story goes on from.

    * ``story``: the add-ons in order, the tested one last, with a record of each
    * ``_load()``: loads them without a warning, or skips the test if it is all there
    * ``_get(name)``: a record of the tested add-on's demo data
    """

    story = {"aftersales": "order_new"}

    def _load(self):
        if self._has_demo(self._get_module()):
            self.skipTest("the demo data is loaded already")
        with self.assertNoLogs(level=logging.WARNING):
            self._load_demo(*self.story)

    def _get(self, name):
        return self.env.ref(f"{self._get_module()}.{name}")

    @classmethod
    def _get_module(cls):
        return list(cls.story)[-1]

    @classmethod
    def _has_demo(cls, module):
        name = f"{module}.{cls.story[module]}"
        return bool(cls.env.ref(name, raise_if_not_found=False))

    @classmethod
    def _load_demo(cls, *modules):
        """Load what is not there yet."""
        env = cls.env(su=True)
        for module in modules:
            if not cls._has_demo(module):
                for path in Manifest.for_addon(module)["demo"]:
                    convert_file(env, module, path, {}, mode="init", noupdate=True)
        cls.env.flush_all()
        cls.env.invalidate_all()
