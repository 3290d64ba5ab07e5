import {
    translatedTerms,
    translatedTermsGlobal,
    translationLoaded,
} from "@web/core/l10n/translation";

const MODULES = ["aftersales_field", "aftersales_inspection"];
const KEY = "translations";

function apply({ modules = {} }) {
    for (const module of MODULES) {
        const messages = modules[module]?.messages || [];
        translatedTerms[module] = Object.fromEntries(
            messages.map((message) => [message.id, message.string])
        );
        Object.assign(translatedTermsGlobal, translatedTerms[module]);
    }
    translatedTerms[translationLoaded] = true;
}

/** Speak the language that was spoken last. */
export async function loadTranslations(database) {
    let kept;
    try {
        kept = (await database.get("meta", KEY))?.value;
    } catch {
        // Nothing was kept: English until there is a network.
    }
    apply(kept || {});
    return kept?.lang || "en_US";
}

/** @returns {Promise<boolean>} whether the words have changed and the screen starts anew */
export async function refreshTranslations(database, lang) {
    const kept = (await database.get("meta", KEY))?.value;
    const query = new URLSearchParams({ lang, mods: MODULES.join(",") });
    if (kept?.lang === lang) {
        query.set("hash", kept.hash);
    }
    const response = await fetch(`/web/webclient/translations?${query}`);
    const fresh = await response.json();
    if (!response.ok || !fresh.modules || fresh.hash === kept?.hash) {
        return false;
    }
    await database.write([{ store: "meta", put: [{ key: KEY, value: { ...fresh, lang } }] }]);
    apply(fresh);
    return Boolean(kept) || lang !== "en_US";
}
