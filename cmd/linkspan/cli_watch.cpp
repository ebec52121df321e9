#include "cmd/linkspan/cli.hpp"
#include "cmd/linkspan/watch_commands.hpp"

namespace linkspan
{

void command_line::add_budget_command()
{
    auto* budget =
        add(app_,
            "budget",
            "Show how many requests each link may make of Bitbucket's REST API, and how many are spent",
            "  linkspan budget\n  linkspan budget --json");
    commands_.push_back(
        {budget,
         [this](terminal& on)
         {
             command_options plain;
             fill(plain);
             return show_budgets(on, plain);
         },
         true,
         true}
    );
}

}  // namespace linkspan
