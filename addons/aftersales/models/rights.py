# Who sees what the customer pays. Technicians and the store see work and parts.
PRICE_GROUPS = ",".join(
    [
        "aftersales.aftersales_group_user",
        "account.group_account_invoice",
        "account.group_account_readonly",
        "sales_team.group_sale_salesman",
        "base.group_portal",
    ]
)
