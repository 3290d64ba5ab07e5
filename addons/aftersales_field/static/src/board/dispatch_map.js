import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

const WIDTH = 320;
const HEIGHT = 420;
const MARGIN = 14;

/** Where everybody is, drawn from the stored coordinates: no map, no network. */
export class DispatchMap extends Component {
    static template = "aftersales_field.DispatchMap";
    static props = {
        model: Object,
        chosenId: { type: [Number, Boolean] },
        onOpen: Function,
        onChoose: Function,
    };

    setup() {
        this.model = useState(this.props.model);
        this.width = WIDTH;
        this.height = HEIGHT;
    }

    /** Return points and routes in the pixels of the picture. */
    get drawing() {
        const { rows, tray } = this.model;
        const hasPlace = ({ latitude, longitude }) => latitude || longitude;
        const visits = tray.filter(hasPlace);
        const places = visits.map(({ latitude, longitude }) => [latitude, longitude]);
        const routes = rows
            .map((row) => ({
                row,
                cards: row.cards.filter(
                    (card) => card.employee_id === row.id && hasPlace(card)
                ),
            }))
            .filter(({ row, cards }) => cards.length || row.place);
        for (const { row, cards } of routes) {
            places.push(...cards.map(({ latitude, longitude }) => [latitude, longitude]));
            if (row.place) {
                places.push(row.place);
            }
        }
        if (!places.length) {
            return null;
        }
        const project = this.getProjection(places);
        return {
            unplanned: visits.map((card) => ({
                card,
                ...project([card.latitude, card.longitude]),
                title: `${card.customer} · ${card.address}`,
            })),
            routes: routes.map(({ row, cards }) => {
                const stops = cards.map((card, index) => ({
                    card,
                    number: index + 1,
                    ...project([card.latitude, card.longitude]),
                    title: `${row.name} · ${card.timeLabel} · ${card.customer} · ${card.address}`,
                }));
                const home = row.place && project(row.place);
                const line = home && stops.length ? [home, ...stops, home] : stops;
                return {
                    row,
                    stops,
                    home,
                    points: line.map(({ x, y }) => `${x},${y}`).join(" "),
                    isFaded: this.props.chosenId && this.props.chosenId !== row.id,
                    isChosen: this.props.chosenId === row.id,
                };
            }),
            scale: project.scale,
        };
    }

    /** Return a function from degrees to pixels that keeps the proportions. */
    getProjection(places) {
        const bounds = (values) => [Math.min(...values), Math.max(...values)];
        const [south, north] = bounds(places.map(([latitude]) => latitude));
        const [west, east] = bounds(places.map(([, longitude]) => longitude));
        const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
        const factor = Math.min(
            (WIDTH - 2 * MARGIN) / Math.max((east - west) * shrink, 0.01),
            (HEIGHT - 2 * MARGIN) / Math.max(north - south, 0.01)
        );
        const project = ([latitude, longitude]) => ({
            x: Math.round(
                WIDTH / 2 + (longitude - (west + east) / 2) * shrink * factor
            ),
            y: Math.round(HEIGHT / 2 - (latitude - (south + north) / 2) * factor),
        });
        project.scale = this.getScale(factor);
        return project;
    }

    /** Return a round distance, and how long it is on the picture. */
    getScale(factor) {
        const pixels = factor / 111.2; // a kilometre
        const kilometres =
            [1, 2, 5, 10, 20, 50, 100, 200, 500].find((each) => each * pixels > 50) || 1000;
        return {
            width: Math.round(kilometres * pixels),
            label: _t("%(distance)s km", { distance: kilometres }),
        };
    }
}
