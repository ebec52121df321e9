#include "cmd/linkspan/cli.hpp"

namespace linkspan
{

void command_line::add_route_commands()
{
    auto* told =
        add(app_,
            "explain",
            "Show what each rule makes of an event, which condition decided, and where the event went",
            "  linkspan explain 01932c5e\n  linkspan explain 01932c5e --json");
    named(told->add_option("EVENT", explain_.event, "An event's id or its first 8 characters or more"), "")
        ->required();
    commands_.push_back(
        {told,
         [this](terminal& on)
         {
             fill(explain_);
             return explain_event(on, explain_);
         }}
    );
    auto* routes =
        add(app_,
            "routes",
            "Show which rules may take events, where they lead, and what else must hold",
            "  linkspan routes --repository acme/api\n"
            "  linkspan routes --destination reviews\n"
            "  linkspan routes --repository acme/api --kind build.failed");
    named(
        routes->add_option("--repository", routes_.repository, "Of this repository, as in acme/api"), "NAME"
    );
    named(routes->add_option("--destination", routes_.destination, "That lead to this destination"), "NAME");
    named(routes->add_option("--kind", routes_.kind, "Of kinds that match, as in \"comment.*\""), "GLOB");
    commands_.push_back(
        {routes,
         [this](terminal& on)
         {
             fill(routes_);
             return show_routes(on, routes_);
         }}
    );
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
    named(
        plan->add_option("--limit", plan_.limit, "At most so many events, the newest; default: 10000"), "N"
    );
    commands_.push_back(
        {plan,
         [this](terminal& on)
         {
             fill(plan_);
             return plan_change(on, plan_);
         }}
    );
}

}  // namespace linkspan
