#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

namespace linkspan
{

// `linkspan budget`: what each link may ask of Bitbucket's REST API, and what of that is spent.
result<> show_budgets(terminal& on, command_options const& options);

}  // namespace linkspan
