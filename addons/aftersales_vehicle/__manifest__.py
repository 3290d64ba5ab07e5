{
    "name": "After-Sales Car Workshop",
    "version": "19.0.1.0.0",
    "category": "Services/After-Sales",
    "summary": "A garage's day, from the phone call to the follow-up call",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "depends": [
        "aftersales_inspection",
        "aftersales_planning",
        "aftersales_warranty",
        "fleet",
    ],
    "external_dependencies": {"python": ["vininfo"]},
    "data": [
        "security/ir.model.access.csv",
        "data/asset_category_data.xml",
        "views/vehicle_menus.xml",
        "views/asset_category_views.xml",
        "views/asset_views.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": ["aftersales_vehicle/static/src/**/*"],
        "web.assets_tests": ["aftersales_vehicle/static/tests/tours/**/*"],
    },
}
