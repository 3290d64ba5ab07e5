import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("aftersales_visit", {
    steps: () => [
        {
            content: "Book for the own asset",
            trigger: ".list-group[name=assets] a:contains(Sedan 1.6)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Choose a service",
            trigger: ".o_aftersales_service:contains(Oil service) input",
            run: "click",
        },
        {
            content: "Say something in own words",
            trigger: "#complaint",
            run: "edit Please look at the wiper",
        },
        {
            content: "Wait here",
            trigger: "input[name=waits][value=stay]",
            run: "click",
        },
        {
            content: "Look at the free times",
            trigger: "form.o_aftersales_booking button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Another day",
            trigger: ".o_aftersales_days a:last",
            run: "click",
            expectUnloadPage: true,
        },
        {
            // The first day may be over for customers, or nearer than they are offered.
            content: "A whole working day",
            trigger: ".o_aftersales_days a:contains(Wed):last",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Its time zone is named",
            trigger: "p:contains(Europe/Berlin)",
        },
        {
            content: "Take the first time that is free",
            trigger: ".o_aftersales_times button:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Confirm",
            trigger: "form[action*='/visit/confirm'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is booked, with what to bring",
            trigger: ".alert-success:contains(Your visit is booked)",
        },
        {
            trigger: "dd[name=bring]:contains(Service record)",
        },
        {
            content: "Cancel it again",
            trigger: "details[name=cancel] summary",
            run: "click",
        },
        {
            trigger: "details[name=cancel] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains(is cancelled)",
        },
    ],
});
