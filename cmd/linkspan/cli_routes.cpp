#include "cmd/linkspan/cli.hpp"

namespace linkspan
{

void command_line::add_explain_command()
{
    auto* told =
        add(app_,
            "explain",
            "Show what each rule makes of an event and why, and where the event went",
            "  linkspan explain 01932c5e-7b1d\n  linkspan explain 01932c5e-7b1d --json");
    filled(named(
               told->add_option(
                   "EVENT", explain_.event, "An event's id, or as much of it as linkspan events shows"
               ),
               ""
           ))
        ->required();
    commands_.push_back(
        {told,
         [this](terminal& on)
         {
             fill(explain_);
             return explain_event(on, explain_);
         },
         true,
         true}
    );
}

void command_line::add_routes_command()
{
    auto* routes =
        add(app_,
            "routes",
            "Show which rules may take events, where they lead, and what else must hold",
            "  linkspan routes --repository acme/api\n"
            "  linkspan routes --destination reviews\n"
            "  linkspan routes --repository acme/api --kind build.failed");
    filled(named(
        routes->add_option("--repository", routes_.repository, "Of this repository, as in acme/api"), "NAME"
    ));
    filled(named(
        routes->add_option("--destination", routes_.destination, "That lead to this destination"), "NAME"
    ));
    offers(
        filled(named(
            routes->add_option("--kind", routes_.kind, "Of kinds that match, as in \"comment.*\""), "GLOB"
        )),
        kind_words
    );
    commands_.push_back(
        {routes,
         [this](terminal& on)
         {
             fill(routes_);
             return show_routes(on, routes_);
         }}
    );
}

void command_line::add_plan_command()
{
    auto* plan =
        add(app_,
            "plan",
            "Show what a new configuration would have sent of the events that came, beside the current one",
            "  linkspan plan --config new.toml --since 7d\n"
            "  linkspan plan --config new.toml --since 2026-11-20T09:30:00Z --json");
    named(plan->add_option("--config", plan_.new_config, "The new configuration file"), "FILE")->required();
    named(
        plan->add_option(
            "--since", plan_.since, "A day, a moment, or how long ago: 2026-11-20, 7d, 24h, 30m"
        ),
        "TIME"
    )
        ->required();
    add_number(
        *plan,
        "--limit",
        plan_.limit,
        {1'000, planned_events_max},
        "At most so many events, the newest; default: 10000"
    );
    commands_.push_back(
        {plan,
         [this](terminal& on)
         {
             fill(plan_);
             return plan_change(on, plan_);
         },
         true,
         true}
    );
}

}  // namespace linkspan
