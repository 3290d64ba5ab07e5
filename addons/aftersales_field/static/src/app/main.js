import { App, reactive, whenReady } from "@odoo/owl";
import { appTranslateFn } from "@web/core/l10n/translation";
import { getTemplate } from "@web/core/templates";
import { FieldModel } from "./core/field_model";
import { Router } from "./core/router";
import { Sync } from "./core/sync";
import { loadTranslations, refreshTranslations } from "./core/translations";
import { Words } from "./core/words";
import { keepApp } from "./core/install";
import { Root } from "./screens/root";

/**
 * Open the app from what the phone has kept; the network is asked afterwards. Of Odoo's
 * web client it takes OWL, templates and translations, and none of the services.
 */
async function start() {
    const model = new FieldModel();
    const [lang] = await Promise.all([loadTranslations(model.database), model.load(), whenReady()]);
    const sync = new Sync(model);
    model.sync = sync;
    const router = new Router();
    const install = reactive({ hasNewVersion: false });
    const env = { model, sync, router, install, words: new Words(model) };
    let app;
    const show = async () => {
        app?.destroy();
        app = new App(Root, {
            env,
            getTemplate,
            translateFn: appTranslateFn,
            translatableAttributes: ["label", "title", "alt", "placeholder", "aria-label"],
            name: "Field Service",
        });
        document.documentElement.lang = lang.replace("_", "-");
        await app.mount(document.body);
    };
    await show();
    performance.mark("aftersales_field.shown");
    router.start();
    keepApp(install);
    let spoken = lang;
    const followLanguage = async () => {
        const wanted = model.user?.lang;
        if (wanted && wanted !== spoken && sync.isOnline) {
            spoken = wanted;
            try {
                if (await refreshTranslations(model.database, wanted)) {
                    document.documentElement.lang = wanted.replace("_", "-");
                    await show();
                }
            } catch {
                spoken = lang;
            }
        }
    };
    sync.onPulled = followLanguage;
    sync.start();
    // For tests and for whoever helps on the phone.
    window.aftersalesField = env;
}

start();
