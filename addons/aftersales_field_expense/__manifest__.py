{
    "name": "After-Sales Field Service: Expenses",
    "version": "19.0.1.0.0",
    "category": "Services/After-Sales",
    "summary": "Expense claims tied to a visit, its days and its place",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "depends": ["aftersales_field", "hr_expense"],
    "auto_install": True,
    "data": [
        "security/ir.model.access.csv",
        "security/expense_security.xml",
        "views/hr_expense_views.xml",
        "views/visit_views.xml",
        "views/order_views.xml",
        "views/res_config_settings_views.xml",
    ],
}
