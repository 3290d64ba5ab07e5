{
    "name": "Reports Printed by Chromium",
    "summary": "PDF reports with header, footer and page numbers without wkhtmltopdf",
    "version": "19.0.1.0.0",
    "category": "Technical",
    "author": "After-Sales Project",
    "website": "https://github.com/aftersales-odoo/aftersales",
    "license": "LGPL-3",
    "depends": ["web"],
}
