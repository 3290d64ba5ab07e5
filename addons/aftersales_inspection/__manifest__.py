{
    "name": "After-Sales Inspections",
    "version": "19.0.1.0.0",
    "category": "Services/After-Sales",
    "summary": "Checklists with photos and marks; what is found becomes a job",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "depends": ["aftersales"],
    "data": [
        "security/ir.model.access.csv",
        "security/phrase_security.xml",
        "data/phrase_data.xml",
        "views/inspection_menus.xml",
        "views/phrase_views.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": [
            "aftersales_inspection/static/src/**/*",
            ("remove", "aftersales_inspection/static/src/portal/**/*"),
        ],
        "web.assets_frontend": ["aftersales_inspection/static/src/portal/**/*"],
        "web.assets_tests": ["aftersales_inspection/static/tests/tours/**/*"],
    },
}
