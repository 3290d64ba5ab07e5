from odoo import api, models
from odoo.tools import SQL


class AftersalesReturnAnalysis(models.Model):
    """Where the figures come from: each source selects the columns of an entry."""

    _inherit = "aftersales.return.analysis"

    @api.model
    def _get_sources(self):
        return [
            self._get_returned(),
            self._get_delivered(),
            self._get_refunded(),
            self._get_goods(),
            self._get_repaired(),
            self._get_freight(),
            self._get_charged(),
            self._get_claimed(),
            self._get_credited(),
            self._get_recovered_from_carriers(),
        ]

    @api.model
    def _get_returned(self) -> SQL:
        """What arrived counts, and what was refunded and stays where it is."""
        return SQL(
            """
            SELECT
                line.id, NULL::int, line.id, NULL::int, NULL::int, NULL::int,
                NULL::timestamp, 'quantity_returned',
                CASE WHEN line.date_received IS NOT NULL
                        OR line.goods = 'stay' AND line.date_given IS NOT NULL
                    THEN line.quantity * unit.factor / product_unit.factor
                    ELSE 0 END
            FROM aftersales_return_line line
            JOIN product_product product ON product.id = line.product_id
            JOIN product_template template ON template.id = product.product_tmpl_id
            JOIN uom_uom unit ON unit.id = line.product_uom_id
            JOIN uom_uom product_unit ON product_unit.id = template.uom_id
            """
        )

    @api.model
    def _get_delivered(self) -> SQL:
        """What was sold and delivered; what a return or a work order sent is none."""
        return SQL(
            """
            SELECT
                move.id, NULL::int, NULL::int, move.product_id, picking.partner_id,
                move.company_id, move.date, 'quantity_delivered',
                move.quantity * unit.factor / product_unit.factor
            FROM stock_move move
            JOIN stock_location source ON source.id = move.location_id
            JOIN stock_location destination ON destination.id = move.location_dest_id
            JOIN product_product product ON product.id = move.product_id
            JOIN product_template template ON template.id = product.product_tmpl_id
            JOIN uom_uom unit ON unit.id = move.product_uom
            JOIN uom_uom product_unit ON product_unit.id = template.uom_id
            LEFT JOIN stock_picking picking ON picking.id = move.picking_id
            WHERE move.state = 'done'
                AND destination.usage = 'customer'
                AND source.usage != 'customer'
                AND move.sale_line_id IS NOT NULL
                AND move.job_line_id IS NULL
                AND move.aftersales_return_line_id IS NULL
            """
        )

    @api.model
    def _get_refunded(self) -> SQL:
        return SQL(
            """
            SELECT
                item.id, NULL::int, item.aftersales_return_line_id, NULL::int,
                NULL::int, NULL::int, NULL::timestamp, 'amount_refunded', item.balance
            FROM account_move_line item
            JOIN account_move move ON move.id = item.move_id
            WHERE item.aftersales_return_line_id IS NOT NULL
                AND item.display_type = 'product'
                AND item.parent_state = 'posted'
                AND move.move_type IN ('out_refund', 'out_invoice')
            """
        )

    @api.model
    def _get_goods(self) -> SQL:
        return SQL(
            """
            SELECT
                move.id, NULL::int, move.aftersales_return_line_id, NULL::int,
                NULL::int, NULL::int, NULL::timestamp, 'cost_goods',
                CASE WHEN move.is_out THEN move.value ELSE -move.value END
            FROM stock_move move
            WHERE move.aftersales_return_line_id IS NOT NULL
                AND move.state = 'done'
                AND (move.is_in OR move.is_out)
            """
        )

    @api.model
    def _get_repaired(self) -> SQL:
        return SQL(
            """
            SELECT
                work.id, NULL::int, line.id, NULL::int, NULL::int, NULL::int,
                NULL::timestamp, 'cost_repair', work.cost - work.amount_invoiced
            FROM (%s) work
            JOIN aftersales_return_line line ON line.order_id = work.order_id
            """,
            self.env["aftersales.analysis"]._table_query,
        )

    @api.model
    def _get_freight(self) -> SQL:
        return SQL(
            """
            SELECT
                trip.id, NULL::int, trip.line_id, NULL::int, NULL::int, NULL::int,
                NULL::timestamp, 'cost_freight', trip.freight_amount
            FROM aftersales_supplier_trip trip
            WHERE trip.state NOT IN ('draft', 'cancel') AND trip.freight_amount != 0
            """
        )

    @api.model
    def _get_charged(self) -> SQL:
        """Of goods in several parcels the charge counts with the first."""
        return SQL(
            """
            SELECT
                item.id, NULL::int, line.id, NULL::int, NULL::int, NULL::int,
                NULL::timestamp, 'amount_charged', -item.balance
            FROM (
                SELECT MIN(id) AS id, charge_line_id FROM aftersales_return_line
                WHERE charge_line_id IS NOT NULL GROUP BY charge_line_id
            ) line
            JOIN sale_order_line_invoice_rel rel
                ON rel.order_line_id = line.charge_line_id
            JOIN account_move_line item ON item.id = rel.invoice_line_id
            WHERE item.parent_state = 'posted'
                AND item.aftersales_return_line_id IS NULL
            """
        )

    @api.model
    def _get_claimed(self) -> SQL:
        """What was paid, at the rate of the day the claim was sent."""
        return SQL(
            """
            SELECT
                claimed.id, NULL::int, claimed.return_line_id, NULL::int, NULL::int,
                NULL::int, NULL::timestamp, 'amount_recovered',
                CASE WHEN claim.currency_id = company.currency_id
                    THEN claimed.amount_paid
                    ELSE claimed.amount_paid / COALESCE(rate.rate, 1) END
            FROM aftersales_claim_line claimed
            JOIN aftersales_claim claim ON claim.id = claimed.claim_id
            JOIN res_company company ON company.id = claim.company_id
            LEFT JOIN LATERAL (
                SELECT rate.rate FROM res_currency_rate rate
                WHERE rate.currency_id = claim.currency_id
                    AND COALESCE(rate.company_id, company.id) = company.id
                    AND rate.name <= COALESCE(claim.date_sent, claim.create_date)::date
                ORDER BY rate.company_id, rate.name DESC LIMIT 1
            ) rate ON TRUE
            WHERE claimed.return_line_id IS NOT NULL
                AND claimed.amount_paid != 0
            """
        )

    @api.model
    def _get_credited(self) -> SQL:
        """Credit notes of suppliers for goods they kept, less what was reversed."""
        return SQL(
            """
            SELECT
                item.id, NULL::int, trip.line_id, NULL::int, NULL::int, NULL::int,
                NULL::timestamp, 'amount_recovered',
                -item.balance * (1 - LEAST(COALESCE(reversal.share, 0), 1))
            FROM account_move_line item
            JOIN aftersales_supplier_trip trip ON trip.id = item.aftersales_trip_id
            JOIN account_move move ON move.id = item.move_id
            LEFT JOIN LATERAL (
                SELECT SUM(entry.amount_untaxed) / NULLIF(move.amount_untaxed, 0)
                    AS share
                FROM account_move entry
                WHERE entry.reversed_entry_id = move.id AND entry.state = 'posted'
            ) reversal ON TRUE
            WHERE item.display_type = 'product'
                AND item.parent_state = 'posted'
                AND move.move_type = 'in_refund'
            """
        )

    @api.model
    def _get_recovered_from_carriers(self) -> SQL:
        return SQL(
            """
            SELECT
                parcel.id, COALESCE(parcel.return_id, trip.return_id), NULL::int,
                NULL::int, NULL::int, NULL::int, NULL::timestamp, 'amount_recovered',
                parcel.amount_recovered
            FROM aftersales_shipment parcel
            LEFT JOIN aftersales_supplier_trip trip ON trip.id = parcel.trip_id
            WHERE COALESCE(parcel.return_id, trip.return_id) IS NOT NULL
                AND parcel.state = 'settled'
            """
        )
