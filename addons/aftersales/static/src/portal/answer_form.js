import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { NameAndSignature } from "@web/core/signature/name_and_signature";
import { redirect } from "@web/core/utils/urls";

/**
 * The customer's answer to an estimate: reads the yes and no given on the jobs of
 * the page, adds up what was chosen, takes one signature for it and sends all of it
 * in one request.
 */
export class AnswerForm extends Component {
    static template = "aftersales.AnswerForm";
    static components = { NameAndSignature };
    static props = {
        callUrl: String,
        accessToken: { type: String, optional: true },
        defaultName: { type: [String, Boolean], optional: true },
    };

    setup() {
        this.rootRef = useRef("root");
        this.jobsEl = document.querySelector(".o_aftersales_jobs");
        this.state = useState({
            answers: [],
            error: "",
            sending: false,
            isInView: false,
        });
        this.signature = useState({
            name: this.props.defaultName || "",
            isSignatureEmpty: true,
            getSignatureImage: () => "",
            resetSignature: () => {},
        });
        this.onChange = this.readAnswers.bind(this);
        this.onClick = this.useChip.bind(this);
        onMounted(() => {
            this.jobsEl.addEventListener("input", this.onChange);
            this.jobsEl.addEventListener("click", this.onClick);
            this.observer = new IntersectionObserver(([entry]) => {
                this.state.isInView = entry.isIntersecting;
            });
            this.observer.observe(this.rootRef.el);
            this.readAnswers();
        });
        onWillUnmount(() => {
            this.jobsEl.removeEventListener("input", this.onChange);
            this.jobsEl.removeEventListener("click", this.onClick);
            this.observer.disconnect();
        });
    }

    get approved() {
        return this.state.answers.filter((answer) => answer.answer === "approve");
    }

    get declined() {
        return this.state.answers.filter((answer) => answer.answer === "decline");
    }

    get open() {
        return this.state.answers.filter((answer) => !answer.answer);
    }

    /** What the chosen jobs cost, in words, per currency. */
    get total() {
        const totals = new Map();
        for (const { currencyId, amount } of this.approved) {
            totals.set(currencyId, (totals.get(currencyId) || 0) + amount);
        }
        if (!totals.size) {
            const first = this.state.answers[0];
            totals.set(first?.currencyId, 0);
        }
        return [...totals]
            .map(([currencyId, amount]) => formatCurrency(amount, currencyId))
            .join(" + ");
    }

    get canSend() {
        return (
            !this.state.sending &&
            (this.approved.length || this.declined.length) &&
            (!this.approved.length ||
                (this.signature.name && !this.signature.isSignatureEmpty))
        );
    }

    get sendLabel() {
        if (!this.approved.length) {
            return _t("Send my answer");
        }
        return _t("Sign and approve %(total)s", { total: this.total });
    }

    get signatureProps() {
        return { signature: this.signature, fontColor: "black", mode: "draw" };
    }

    readAnswers() {
        this.state.answers = [
            ...this.jobsEl.querySelectorAll(".o_aftersales_question"),
        ].map((el) => {
            const answer = el.querySelector("input[type=radio]:checked")?.value || "";
            el.querySelector(".o_aftersales_reason").classList.toggle(
                "d-none",
                answer !== "decline"
            );
            return {
                jobId: Number(el.dataset.jobId),
                offer: el.dataset.offer,
                amount: Number(el.dataset.amount),
                currencyId: Number(el.dataset.currencyId),
                answer,
                reason: el.querySelector("input[name=reason]").value.trim(),
            };
        });
    }

    /** A reason at one tap, for those who answer with a thumb. */
    useChip(ev) {
        const chip = ev.target.closest(".o_aftersales_chip");
        if (chip) {
            const question = chip.closest(".o_aftersales_question");
            question.querySelector("input[name=reason]").value =
                chip.textContent.trim();
            this.readAnswers();
        }
    }

    goToForm() {
        const cardEl = this.rootRef.el.closest(".card") || this.rootRef.el;
        cardEl.scrollIntoView({ behavior: "smooth", block: "start" });
    }

    async send() {
        const unexplained = this.declined.find((answer) => !answer.reason);
        if (unexplained) {
            this.state.error = _t("Tell us in a word why not.");
            this.jobsEl.querySelector(`#job_${unexplained.jobId}_reason`).focus();
            return;
        }
        this.state.sending = true;
        this.state.error = "";
        try {
            const result = await rpc(this.props.callUrl, {
                access_token: this.props.accessToken,
                answers: [...this.approved, ...this.declined].map((answer) => ({
                    job_id: answer.jobId,
                    answer: answer.answer,
                    offer: answer.offer,
                    reason: answer.reason,
                })),
                name: this.signature.name,
                signature: this.approved.length
                    ? this.signature.getSignatureImage().split(",")[1]
                    : false,
            });
            if (result.error) {
                this.state.error = result.error;
            } else {
                redirect(result.redirect_url);
                return;
            }
        } catch {
            // The request may have arrived: sent again, it has the effect of once.
            this.state.error = _t(
                "We could not reach the server. Check your connection and send again."
            );
        }
        this.state.sending = false;
    }

    reload() {
        window.location.reload();
    }
}

registry.category("public_components").add("aftersales.answer_form", AnswerForm);
