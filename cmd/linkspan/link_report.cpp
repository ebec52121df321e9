#include "cmd/linkspan/link_report.hpp"

#include "cmd/linkspan/link_kinds.hpp"
#include "links/registry.hpp"
#include "store/grants.hpp"
#include "store/uses.hpp"

#include <unordered_map>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// Templates without a refresh token renew by themselves; only the template knows.
void judge(
    link_report& link, std::optional<time_point> expiry_heard, std::string const* failure, time_point now
)
{
    link.kind = find_template(link.row.template_name);
    if (link.kind != nullptr)
        link.grant.renews_itself = renews_itself(*link.kind);
    link.state = state_of(link.row, link.kind, link.grant, now);
    if (failure != nullptr && !link.state.needs_person() && link.state.detail.empty())
        link.state.detail =
            "the last question failed: " + *failure + "; linkspan check-link " + name_of(link.row);
    link.expires_at = link.grant.generation != 0 ? link.grant.expires_at : expiry_heard;
    if (link.state.standing == link_standing::authorized && link.grant.has_refresh_token &&
        link.kind->oauth->refresh_life)
        link.refresh_ends_at = link.grant.obtained_at + *link.kind->oauth->refresh_life;
}

std::optional<time_point> time_of(std::string const* text)
{
    return text == nullptr ? std::nullopt : parse_time(*text);
}

template <class Map>
auto const* find_in(Map const& map, std::string const& key)
{
    auto const found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

json::value to_json(std::optional<time_point> const& moment)
{
    return moment ? json::value(to_rfc3339(*moment)) : json::value();
}

}  // namespace

result<std::vector<link_report>> report_links(transaction& tx)
{
    auto rows = list_links(tx);
    if (!rows)
        return rows.error();
    auto grants = list_grants(tx);
    if (!grants)
        return grants.error();
    auto const uses = list_last_uses(tx);
    if (!uses)
        return uses.error();
    auto const expiries = list_fact(tx, "expires_at");
    if (!expiries)
        return expiries.error();
    auto const failures = list_fact(tx, question_fact);
    if (!failures)
        return failures.error();
    std::unordered_map<std::string, grant> grant_of;
    for (auto& one : *grants)
        grant_of.emplace(one.link.value, std::move(one.grant));
    std::vector<link_report> out;
    out.reserve(rows->size());
    for (auto& row : *rows)
    {
        auto& link = out.emplace_back();
        link.row = std::move(row);
        if (auto const* found = find_in(grant_of, link.row.id.value))
            link.grant = *found;
        if (auto const* moment = find_in(*uses, link.row.id.value))
            link.last_used_at = *moment;
        auto const& id = link.row.id.value;
        judge(link, time_of(find_in(*expiries, id)), find_in(*failures, id), tx.now());
    }
    return out;
}

result<link_report> report_link(transaction& tx, std::string_view id_or_name)
{
    auto row = find_link_or_nearest(tx, id_or_name);
    if (!row)
        return row.error();
    link_report link;
    link.row = std::move(*row);
    auto found = find_grant(tx, link.row.id);
    if (!found)
        return found.error();
    link.grant = std::move(*found);
    auto const facts = list_facts(tx, link.row.id);
    if (!facts)
        return facts.error();
    auto const used = last_use_of(tx, link.row.id);
    if (!used)
        return used.error();
    link.last_used_at = *used;
    judge(
        link, time_of(find_in(*facts, "expires_at")), find_in(*facts, std::string(question_fact)), tx.now()
    );
    return link;
}

json::object to_json(link_report const& link)
{
    json::object out;
    out["id"] = link.row.id.value;
    out["name"] = link.row.name ? json::value(*link.row.name) : json::value();
    out["template"] = link.row.template_name;
    out["allow_unsigned"] = link.row.allow_unsigned;
    out["state"] = std::string(name_of(link.state.standing));
    out["state_detail"] = link.state.detail;
    out["expires_at"] = to_json(link.expires_at);
    out["refresh_ends_at"] = to_json(link.refresh_ends_at);
    out["last_used_at"] = to_json(link.last_used_at);
    out["created_at"] = to_rfc3339(link.row.created_at);
    out["updated_at"] = to_rfc3339(link.row.updated_at);
    return out;
}

}  // namespace linkspan
