#pragma once
#include "core/base/ids.hpp"
#include "core/watch/budget.hpp"
#include "store/database.hpp"

#include <vector>

namespace linkspan
{

// What each link has spent of each class of resources: shared by all processes of the profile, hence loaded,
// asked and saved within one transaction. A budget goes with its link.
struct stored_budget
{
    link_id link;
    budget state;

    stored_budget() = default;
};

// A fresh one where none is stored. errc::invalid: the row is not what this program writes.
result<budget> load_budget(transaction& tx, link_id const& link, resource_class of);

// Nothing where the link was deleted meanwhile.
result<> save_budget(transaction& tx, link_id const& link, budget const& state);

// All, by link and class.
result<std::vector<stored_budget>> list_budgets(transaction& tx);

}  // namespace linkspan
