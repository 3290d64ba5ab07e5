/** @returns {string} the colour of a number, by the limits of the item */
export function rateMeasure(item, value) {
    const within = (limits) =>
        limits &&
        (limits[0] === false || value >= limits[0]) &&
        (limits[1] === false || value <= limits[1]);
    if (!item.green) {
        return "";
    }
    return within(item.green) ? "green" : within(item.yellow) ? "yellow" : "red";
}

/**
 * What the screen shows of an inspection: the server's answer (`data`), and above it what
 * was entered since and not sent yet (`pending`: entries with `operation`, `method`,
 * `itemId`, `values`). Subclasses keep the two and say what was `refused`.
 */
export class RunnerAnswers {
    get state() {
        return this.data.state;
    }

    get isReadonly() {
        return this.state.is_readonly;
    }

    getAnswer(item) {
        const answer = { ...this.state.answers[item.id] };
        answer.photos = [...answer.photos];
        for (const entry of this.pending) {
            if (entry.itemId !== item.id) {
                continue;
            }
            if (entry.method === "add_photo") {
                answer.photos.push({ operation: entry.operation, ...entry.values });
            } else if (entry.method === "remove_photo") {
                answer.photos = answer.photos.filter((photo) => photo.id !== entry.values.photo_id);
            } else {
                Object.assign(answer, entry.values);
                if ("signature" in entry.values) {
                    answer.has_signature = Boolean(entry.values.signature);
                }
                if (this.hasValue(item, entry.values)) {
                    answer.not_applicable = false;
                }
            }
        }
        answer.rating = this._rate(item, answer);
        return answer;
    }

    hasValue(item, values) {
        const names = {
            yes_no: "value_yes_no",
            rating: "rating",
            measure: "value_number",
            text: "value_text",
            choice: "choice_id",
            signature: "signature",
            mark: "marks",
        };
        const value = values[names[item.kind]];
        return value !== undefined && value !== null && value !== "" && value !== false;
    }

    _rate(item, answer) {
        if (answer.not_applicable) {
            return "";
        }
        if (item.kind === "measure") {
            return typeof answer.value_number === "number"
                ? rateMeasure(item, answer.value_number)
                : "";
        }
        if (item.kind === "yes_no") {
            if (!answer.value_yes_no || !item.expected) {
                return "";
            }
            return answer.value_yes_no === item.expected ? "green" : "red";
        }
        if (item.kind === "choice") {
            return item.choices.find((choice) => choice.id === answer.choice_id)?.rating || "";
        }
        return answer.rating;
    }

    isAnswered(item, answer = this.getAnswer(item)) {
        if (answer.not_applicable) {
            return true;
        }
        switch (item.kind) {
            case "measure":
                return typeof answer.value_number === "number";
            case "photo":
                return answer.photos.length > 0;
            case "mark":
                return Array.isArray(answer.marks);
            case "signature":
                return answer.has_signature;
            default:
                return this.hasValue(item, answer);
        }
    }

    /** @returns {"answer" | "photo" | "note" | ""} what the item still needs */
    getGap(item) {
        const answer = this.getAnswer(item);
        if (answer.is_copied) {
            return "";
        }
        if (answer.not_applicable) {
            return item.is_required && !answer.note ? "note" : "";
        }
        const isAnswered = this.isAnswered(item, answer);
        if (item.is_required && !isAnswered) {
            return item.kind === "photo" ? "photo" : "answer";
        }
        const needsPhoto =
            item.photo_rule === "always" ||
            (item.photo_rule === "bad" && ["yellow", "red"].includes(answer.rating));
        return needsPhoto && !answer.photos.length && (isAnswered || item.is_required)
            ? "photo"
            : "";
    }

    getRefusal(item) {
        return this.refused.find((entry) => entry.itemId === item.id);
    }

    get belongings() {
        const belongings = this.state.belongings.map((belonging) => ({ ...belonging }));
        for (const { method, values, operation } of this.pending) {
            if (method !== "save_belongings") {
                continue;
            }
            const index = belongings.findIndex((belonging) => belonging.key === values.key);
            if (values.is_removed) {
                belongings.splice(index, index < 0 ? 0 : 1);
            } else if (index < 0) {
                belongings.push({ ...values, key: operation });
            } else {
                belongings[index] = { ...belongings[index], ...values };
            }
        }
        return belongings;
    }

    get meter() {
        const entry = this.pending.findLast((entry) => entry.method === "save_meter");
        return entry ? entry.values.value : this.state.meter;
    }
}
