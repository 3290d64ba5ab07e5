{
    "name": "After-Sales Warranty",
    "version": "19.0.1.0.0",
    "category": "Services/After-Sales",
    "summary": "A verdict per line that explains itself, and the money that follows it",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "depends": ["aftersales"],
    "data": [
        "security/warranty_groups.xml",
        "security/ir.model.access.csv",
        "security/warranty_security.xml",
        "security/accounting_security.xml",
        "data/ir_cron_accounting.xml",
    ],
    "demo": [],
}
