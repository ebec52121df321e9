#pragma once
#include "core/base/ids.hpp"
#include "store/database.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Who used which link when, summed up by the hour: linkspan audit. Never a secret.
struct link_use
{
    link_id link;
    std::string label;   // the link's name, else its id, at that time
    std::string actor;   // "serve", or "create-link by alice"
    std::string action;  // "send", "receive", "refresh", "reveal", "export", ...
    bool is_failure = false;
    std::int64_t count = 1;
    time_point first_at;
    time_point last_at;
    std::string detail;  // of the last one; empty: none

    link_use() = default;
};

// Adds to the hour's row. first_at and last_at are the transaction's moment.
result<> record_use(transaction& tx, link_use const& use);

struct use_filter
{
    std::optional<link_id> link;
    std::optional<time_point> since;
    std::int64_t limit = 200;

    use_filter() {}
};
result<std::vector<link_use>> list_uses(transaction& tx, use_filter const& filter);  // the newest first

// Which link was last called so, or has this id: also one that is gone. errc::not_found.
result<link_id> find_used_link(transaction& tx, std::string_view id_or_label);

// When each link was last used, by id: what made or changed it and refreshes are no use. Those that never
// were are left out.
result<std::map<std::string, time_point, std::less<>>> list_last_uses(transaction& tx);
result<std::optional<time_point>> last_use_of(transaction& tx, link_id const& id);

inline constexpr std::string_view ask_action = "ask";

// Rows older than this are forgotten: a little more than a year.
inline constexpr milliseconds use_kept{std::int64_t(400) * 24 * 3600 * 1000};
result<std::int64_t> forget_uses(transaction& tx, std::int64_t at_most);

// The fact that says why the last question to the service failed, where that concerns the whole link. Gone
// once a question is answered, a check finds no fault, a field is set or somebody has signed in; it goes into
// no bundle.
inline constexpr std::string_view question_fact = "question";

// Facts of a link: replaces those that are named, removes those whose value is empty.
result<> put_facts(transaction& tx, link_id const& id, std::map<std::string, std::string> const& facts);
result<std::map<std::string, std::string>> list_facts(transaction& tx, link_id const& id);

// One fact of all links that have it, by id.
result<std::map<std::string, std::string, std::less<>>> list_fact(transaction& tx, std::string_view name);

}  // namespace linkspan
