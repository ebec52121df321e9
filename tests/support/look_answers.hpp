#pragma once
#include "core/bitbucket/look_body.hpp"
#include "tests/support/looks.hpp"

#include <boost/json/parse.hpp>

#include <string>

namespace linkspan::test
{

// Looks of look_body(), from answers as text.

inline boost::json::array parsed_items(std::string const& items)
{
    boost::json::parse_options options;
    options.max_depth = 512;
    return boost::json::parse("[" + items + "]", {}, options).as_array();
}

// At pull request 7 of acme/api, asked for at a time of 2026-11-20 and watched since 08:30: its number alone.
inline look_answers answers_of(edition of, std::string const& asked)
{
    look_answers out;
    out.edition = of;
    bool const is_cloud = of == edition::cloud;
    out.repository = boost::json::parse(
        is_cloud ? R"({"uuid":"{r}","full_name":"acme/api"})"
                 : R"({"id":9,"slug":"api","project":{"key":"ACME"}})"
    );
    out.pull_request = boost::json::parse(R"({"id":7})");
    out.asked_at = clock_at(asked);
    out.since = clock_at("08:30:00");
    return out;
}

// Lists that were read to their end.
inline look_answers with_comments(look_answers of, std::string const& items)
{
    of.comments = parsed_items(items);
    of.are_comments_whole = true;
    return of;
}

inline look_answers with_tasks(look_answers of, std::string const& items)
{
    of.tasks = parsed_items(items);
    of.are_tasks_whole = true;
    return of;
}

inline look_answers with_pull_request(look_answers of, std::string const& shown)
{
    of.pull_request = boost::json::parse(shown);
    return of;
}

inline std::vector<event> take(looked_bridge& bridge, look_answers const& shown)
{
    return bridge.look(look_body(shown), to_rfc3339(shown.asked_at).substr(11, 8));
}

}  // namespace linkspan::test
