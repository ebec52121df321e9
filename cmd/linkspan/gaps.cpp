#include "cmd/linkspan/gaps.hpp"

#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/since.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "core/route/glob.hpp"
#include "core/watch/gap.hpp"
#include "store/events.hpp"
#include "store/watched_repositories.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>
#include <map>

namespace linkspan
{
namespace
{

namespace json = boost::json;

struct shown_gaps
{
    repository_gaps counted;
    bool is_poll_only = false;
    std::string fault;  // why it cannot be asked
    std::optional<time_point> crawled_at;
};

struct found_gaps
{
    std::map<std::pair<std::string, std::string>, shown_gaps> repositories;  // by instance and name
    bool has_more = false;
    time_point now;
};

result<found_gaps> find_gaps(transaction& tx, gaps_options const& options)
{
    found_gaps out;
    out.now = tx.now();
    auto since = result<time_point>(tx.now() - gaps_window);
    if (!options.since.empty())
        since = read_since(options.since, tx.now());
    if (!since)
        return since.error();
    auto const is_wanted = [&](std::string_view name)
    { return options.repository.empty() || glob_matches(options.repository, name); };
    auto const entry = [&](std::string const& instance, std::string const& name) -> shown_gaps&
    {
        auto& made = out.repositories[{instance, name}];
        made.counted.instance = instance;
        made.counted.repository = name;
        return made;
    };
    std::map<std::string, clock_lead> leads;
    auto const heard = visit_events(
        tx,
        *since,
        gap_events_max,
        [&](event const& one) -> result<>
        {
            leads[one.instance].hear(one);
            return {};
        }
    );
    if (!heard)
        return heard.error();
    auto const visited = visit_events(
        tx,
        *since,
        gap_events_max,
        [&](event const& one) -> result<>
        {
            if (one.repository && is_wanted(one.repository->full_name))
                count(
                    entry(one.instance, one.repository->full_name).counted, one, leads[one.instance].value()
                );
            return {};
        }
    );
    if (!visited)
        return visited.error();
    out.has_more = visited->has_more;
    auto const watched = list_watched(tx);
    if (!watched)
        return watched.error();
    for (auto const& one : *watched)
        if (is_wanted(one.full_name))
        {
            auto& shown = entry(one.instance, one.full_name);
            shown.fault = one.fault;
            shown.crawled_at = one.crawled_at;
        }
    return out;
}

// By what the sources name: without webhooks nothing can be silent.
void mark_polled(found_gaps& found, std::vector<source_config> const& sources)
{
    for (auto const& source : sources)
        for (auto& [key, one] : found.repositories)
        {
            bool const is_there = source.instance.empty() || source.instance == one.counted.instance;
            auto const& name = one.counted.repository;
            auto const owner = name.substr(0, name.find('/'));
            bool const is_named = std::ranges::find(source.repositories, name) != source.repositories.end() ||
                                  std::ranges::find(source.projects, owner) != source.projects.end() ||
                                  (!source.workspace.empty() && source.workspace == owner);
            if (source.poll_only && is_there && is_named)
                one.is_poll_only = true;
        }
}

std::string state_word(shown_gaps const& of)
{
    return of.is_poll_only ? "unused" : std::string(name_of(state_of(of.counted)));
}

json::value moment(std::optional<time_point> at)
{
    return at ? json::value(to_rfc3339(*at)) : json::value();
}

json::object to_json(shown_gaps const& of)
{
    auto const& counted = of.counted;
    json::object out;
    out["instance"] = counted.instance;
    out["repository"] = counted.repository;
    out["webhooks"] = state_word(of);
    out["by_webhook"] = counted.by_origin[0];
    out["by_watching"] = counted.by_origin[1];
    out["by_catch_up"] = counted.by_origin[2];
    out["missed"] = counted.missed;
    out["last_webhook_at"] = moment(counted.last_webhook_at);
    out["last_missed_at"] = moment(counted.last_missed_at);
    out["last_missed_kind"] =
        counted.last_missed_kind.empty() ? json::value() : json::value(counted.last_missed_kind);
    out["latest_milliseconds"] = counted.latest.count();
    out["caught_up_at"] = moment(of.crawled_at);
    out["fault"] = of.fault.empty() ? json::value() : json::value(of.fault);
    return out;
}

std::string shown_span(milliseconds of)
{
    auto const whole = std::chrono::duration_cast<seconds>(of).count();
    if (whole < 120)
        return std::to_string(whole) + " s";
    if (whole < 7'200)
        return std::to_string(whole / 60) + " min";
    return std::to_string(whole / 3'600) + " h";
}

void advise(terminal& on, found_gaps const& found)
{
    bool const has_silent = std::ranges::any_of(
        found.repositories,
        [](auto const& one) { return state_word(one.second) == name_of(hook_state::silent); }
    );
    if (has_silent)
        on.err
            << "Where webhooks are silent, look at the hook in Bitbucket: whether it is active and has all "
               "triggers, its URL,\nand its secret (linkspan check, and \"signature\" in the log of serve). "
               "Data Center stops calling a hook for up to\nten hours after five failures.\n";
    if (found.has_more)
        on.err << "Only the newest " << gap_events_max << " events were counted; give a shorter --since.\n";
}

}  // namespace

result<> show_gaps(terminal& on, gaps_options const& options)
{
    auto found =
        read_store<found_gaps>(options.paths, {}, [&](transaction& tx) { return find_gaps(tx, options); });
    if (!found)
        return found.error();
    mark_polled(*found, load_config(options.paths.config).config.sources);
    json::array list;
    text_table table{
        {"REPOSITORY", "WEBHOOKS", "BY WEBHOOK", "WATCHING", "CATCH-UP", "MISSED", "LATEST", "FAULT"}, {}};
    table.wraps = true;
    for (auto const& [key, one] : found->repositories)
    {
        auto const& counted = one.counted;
        list.push_back(to_json(one));
        table.rows.push_back(
            {counted.repository,
             state_word(one),
             std::to_string(counted.by_origin[0]),
             std::to_string(counted.by_origin[1]),
             std::to_string(counted.by_origin[2]),
             std::to_string(counted.missed),
             counted.missed == 0 ? std::string("-") : shown_span(counted.latest),
             one.fault.empty() ? std::string("-") : one.fault}
        );
    }
    if (options.json)
    {
        print_json(on.out, json::object{{"repositories", std::move(list)}, {"has_more", found->has_more}});
        return {};
    }
    if (found->repositories.empty())
        on.err
            << "Nothing has come in, and no repository is watched; linkspan check says what is configured.\n";
    else
        print_table(on, table);
    advise(on, *found);
    return {};
}

}  // namespace linkspan
