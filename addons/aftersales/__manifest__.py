{
    "name": "After-Sales Work Orders",
    "version": "19.0.1.0.0",
    "category": "Services/After-Sales",
    "summary": "Work orders that consume stock and post invoices like any other sale",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "application": True,
    # sale_purchase comes with sale and purchase anyway: our sublet lines must keep
    # it from making a second purchase.
    "depends": ["sale_stock", "purchase_stock", "sale_purchase", "portal", "hr"],
    "data": [
        "security/aftersales_groups.xml",
        "security/ir.model.access.csv",
        "security/aftersales_security.xml",
        "data/ir_sequence_data.xml",
        "data/product_data.xml",
        "views/order_views.xml",
        "views/asset_views.xml",
        "views/config_views.xml",
        "views/analysis_views.xml",
        "views/aftersales_menus.xml",
    ],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
