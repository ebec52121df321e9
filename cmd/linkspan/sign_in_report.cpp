#include "cmd/linkspan/sign_in_report.hpp"

#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/link_doctor.hpp"
#include "store/grants.hpp"
#include "store/uses.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// What is known of the link behind a sign-in.
struct signed_link
{
    linkspan::grant grant;
    std::map<std::string, std::string> facts;
};

// Each word of a list of scopes; none of them is granted by an empty one.
json::array list_of(std::string_view scopes)
{
    json::array out;
    for (auto const& scope : missing_scopes("", scopes))
        out.emplace_back(scope);
    return out;
}

// The features that the granted scopes do not reach, and what they lack; nothing where the service does not
// say what it granted.
std::vector<std::pair<std::string, std::string>> lacking_features(
    link_template const& kind, std::string const& granted
)
{
    std::vector<std::pair<std::string, std::string>> out;
    for (auto const& need : kind.needs)
    {
        std::string missing;
        for (auto const& scope : missing_scopes(granted, need.scopes))
            missing += (missing.empty() ? "" : ", ") + scope;
        if (!granted.empty() && !missing.empty())
            out.emplace_back(need.feature, missing);
    }
    return out;
}

json::object to_json(
    link_row const& row, std::string const& detail, signed_link const& now, link_template const& kind
)
{
    json::object out;
    out["id"] = row.id.value;
    out["name"] = row.name ? json::value(*row.name) : json::value();
    out["template"] = row.template_name;
    out["state"] = std::string(name_of(now.grant.state));
    out["detail"] = detail;
    auto const account = now.facts.find("account");
    out["account"] = account == now.facts.end() ? json::value() : json::value(account->second);
    out["expires_at"] = now.grant.expires_at ? json::value(to_rfc3339(*now.grant.expires_at)) : json::value();
    out["scopes"] = list_of(now.grant.scopes);
    json::array lacking;
    for (auto const& one : lacking_features(kind, now.grant.scopes))
        lacking.push_back(json::object{{"feature", one.first}, {"scopes", one.second}});
    out["lacking"] = std::move(lacking);
    return out;
}

}  // namespace

void record_sign_in(terminal& on, found_link& found, std::string const& detail, bool is_failure)
{
    auto use = use_by("start-oauth", found.row, "sign in", detail);
    use.is_failure = is_failure;
    auto const stored = found.database.write<int>(
        system_now(),
        [&](transaction& tx) -> result<int>
        {
            if (auto const done = record_use(tx, use); !done)
                return done.error();
            return 0;
        }
    );
    if (!stored)
        print_warning(on, "the audit has no row of this: " + stored.error().message);
}

result<> report_sign_in(terminal& on, found_link& found, std::string const& detail, bool json)
{
    auto const now = found.database.read<signed_link>(
        system_now(),
        [&](transaction& tx) -> result<signed_link>
        {
            auto grant = find_grant(tx, found.row.id);
            if (!grant)
                return grant.error();
            auto facts = list_facts(tx, found.row.id);
            if (!facts)
                return facts.error();
            signed_link out;
            out.grant = std::move(*grant);
            out.facts = std::move(*facts);
            return out;
        }
    );
    if (!now)
        return now.error();
    if (json)
        print_json(on.out, to_json(found.row, detail, *now, *found.kind));
    else
        on.out << safe_line(detail, 2'000) << std::endl;
    for (auto const& one : lacking_features(*found.kind, now->grant.scopes))
        print_warning(
            on,
            "to " + one.first + ", the scope " + one.second +
                " is needed, which was not granted; allow it at the service and sign in again"
        );
    return {};
}

}  // namespace linkspan
