{
    "name": "After-Sales Field Service",
    "version": "19.0.1.0.0",
    "category": "Services/After-Sales",
    "summary": "Visits, dispatch, van stock and a technician app that works offline",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "depends": [
        "aftersales_inspection",
        "aftersales_planning",
        "aftersales_warranty",
        "base_geolocalize",
    ],
    "data": [
        "security/ir.model.access.csv",
        "security/visit_security.xml",
        "data/ir_sequence_data.xml",
        "views/field_menus.xml",
        "views/visit_views.xml",
        "views/territory_views.xml",
    ],
}
