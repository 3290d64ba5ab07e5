{
    "name": "After-Sales Returns",
    "version": "19.0.1.0.0",
    "category": "Services/After-Sales",
    "summary": "Returned goods: register, receipt, test, refund, exchange, supplier",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "depends": ["aftersales_inspection", "aftersales_warranty"],
    "data": [
        "security/ir.model.access.csv",
        "security/return_security.xml",
        "data/ir_sequence_data.xml",
        "data/return_data.xml",
        "views/return_menus.xml",
    ],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
