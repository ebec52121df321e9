#pragma once
#include "cmd/linkspan/link_state.hpp"
#include "cmd/linkspan/profile_store.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// A link as list-links and get-link show it: nothing sealed is opened for it.
struct link_report
{
    link_row row;
    link_template const* kind = nullptr;  // null: of another version
    linkspan::grant grant;                // of a link without any, its default
    link_state state;
    std::optional<time_point> expires_at;    // of the token in use, or as check-link heard it
    std::optional<time_point> last_used_at;  // by anybody
    // Of a refresh token that ends where nobody uses it: serve does so every day, commands when they are run.
    std::optional<time_point> refresh_ends_at;
};

// All links, each table of the store read once.
result<std::vector<link_report>> report_links(transaction& tx);

// By id or name, as find_link_or_nearest().
result<link_report> report_link(transaction& tx, std::string_view id_or_name);

// What both commands say of a link in JSON.
boost::json::object to_json(link_report const& link);

}  // namespace linkspan
