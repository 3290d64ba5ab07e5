{
    "name": "After-Sales Planning",
    "version": "19.0.1.0.0",
    "category": "Services/After-Sales",
    "summary": "Bays, tools, technicians and parts: what can be promised, and when",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "depends": ["aftersales", "hr_skills", "hr_hourly_cost", "resource"],
    "data": [
        "security/ir.model.access.csv",
        "views/planning_menus.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": [
            "aftersales_planning/static/src/**/*",
            ("remove", "aftersales_planning/static/src/portal/**/*"),
            ("remove", "aftersales_planning/static/src/lounge/**/*"),
        ],
        "web.assets_frontend": ["aftersales_planning/static/src/portal/**/*"],
        "web.assets_tests": ["aftersales_planning/static/tests/tours/**/*"],
    },
}
