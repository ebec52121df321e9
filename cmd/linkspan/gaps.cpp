#include "cmd/linkspan/gaps.hpp"

#include "cmd/linkspan/api_advice.hpp"
#include "cmd/linkspan/ask_hooks.hpp"
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/since.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "core/route/glob.hpp"
#include "core/watch/gap.hpp"
#include "store/events.hpp"
#include "store/uses.hpp"
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
    std::string fault;   // why it cannot be asked
    std::string advice;  // what to do about that
    std::optional<time_point> crawled_at;
    std::optional<hook_verdict> hook;  // where webhooks were missed, and what they are was looked for
};

// A source whose link has a question_fact.
struct failing_source
{
    std::string name;
    std::string link;
    std::string why;
};

struct found_gaps
{
    std::vector<failing_source> failing;
    std::map<std::pair<std::string, std::string>, shown_gaps> repositories;  // by instance and name
    std::vector<polled_source> sources;
    bool has_more = false;
};

result<std::vector<failing_source>> find_failing(transaction& tx, std::vector<polled_source> const& sources)
{
    auto const failures = list_fact(tx, question_fact);
    if (!failures)
        return failures.error();
    std::vector<failing_source> out;
    for (auto const& one : sources)
        if (auto const found = failures->find(one.link.id.value); found != failures->end())
            out.emplace_back(one.name, one.link.name.value_or(one.link.id.value), found->second);
    return out;
}

result<found_gaps> find_gaps(
    transaction& tx, gaps_options const& options, std::vector<source_config> const& sources
)
{
    found_gaps out;
    // A locked master key asks for its passphrase: not for nothing.
    if (std::ranges::any_of(sources, [](source_config const& one) { return !one.api.empty(); }))
    {
        auto polled = read_polled_sources(tx, options.paths, sources);
        if (!polled)
            return polled.error();
        out.sources = std::move(*polled);
        auto failing = find_failing(tx, out.sources);
        if (!failing)
            return failing.error();
        out.failing = std::move(*failing);
    }
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

void advise_on_faults(found_gaps& found)
{
    for (auto& [key, one] : found.repositories)
    {
        auto const* asks = source_for(found.sources, one.counted.instance, one.counted.repository);
        if (!one.fault.empty() && asks != nullptr)
            one.advice = advice_on(one.fault, asks->link.name.value_or(asks->link.id.value));
    }
}

// Without webhooks nothing can be silent.
void mark_polled(found_gaps& found)
{
    for (auto& [key, one] : found.repositories)
    {
        auto const* asks = source_for(found.sources, one.counted.instance, one.counted.repository);
        one.is_poll_only = asks != nullptr && asks->is_poll_only;
        if (!one.is_poll_only)
            continue;
        // No webhook was to come.
        one.counted.missed = 0;
        one.counted.last_missed_at.reset();
        one.counted.last_missed_kind.clear();
        one.counted.latest = {};
    }
}

std::string state_word(shown_gaps const& of)
{
    return of.is_poll_only ? "unused" : std::string(name_of(state_of(of.counted)));
}

bool is_suspect(shown_gaps const& of)
{
    auto const state = state_of(of.counted);
    return !of.is_poll_only && (state == hook_state::silent || state == hook_state::lossy);
}

// Of a source whose link is not there, or does not open, nothing more is known.
std::string why_nobody_asks(found_gaps const& found, std::vector<source_config> const& sources)
{
    for (auto const& source : sources)
        if (!source.api.empty() &&
            std::ranges::find(found.sources, source.name, &polled_source::name) == found.sources.end())
            return "the api link of source \"" + source.name + "\" cannot be used; linkspan check says why";
    return "no source with an api link asks about this repository";
}

result<> judge_hooks(found_gaps& found, gaps_options const& options, config const& read)
{
    std::vector<shown_gaps*> to_ask;
    std::vector<suspect_hook> suspects;
    for (auto& [key, one] : found.repositories)
    {
        if (!is_suspect(one))
            continue;
        auto const* asks = source_for(found.sources, one.counted.instance, one.counted.repository);
        if (asks == nullptr)
        {
            one.hook = hook_verdict(hook_health::unknown, why_nobody_asks(found, read.sources));
            continue;
        }
        suspect_hook suspect(one.counted.repository, *asks);
        one.hook = verdict_without_asking(suspect);
        if (one.hook)
            continue;
        if (options.only_store)
        {
            one.hook = hook_verdict(hook_health::unknown, "not asked");
            continue;
        }
        to_ask.push_back(&one);
        suspects.push_back(std::move(suspect));
    }
    if (to_ask.empty())
        return {};
    auto database = open_store(options.paths);
    if (!database)
        return database.error();
    asking_command with(options.paths, std::move(*database), read.server, "gaps");
    auto told = ask_hooks(with, std::move(suspects));
    for (std::size_t i = 0; i < to_ask.size(); ++i)
        to_ask[i]->hook = std::move(told[i]);
    return {};
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
    out["hook"] = of.hook ? json::value(name_of(of.hook->health)) : json::value();
    out["hook_why"] = of.hook ? json::value(of.hook->why) : json::value();
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
    out["fault_do"] = of.advice.empty() ? json::value() : json::value(of.advice);
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

void print_document(terminal& on, found_gaps const& found)
{
    json::array repositories;
    for (auto const& [key, one] : found.repositories)
        repositories.push_back(to_json(one));
    json::array failing;
    for (auto const& one : found.failing)
        failing.push_back({{"source", one.name}, {"link", one.link}, {"why", one.why}});
    json::object document;
    document["repositories"] = std::move(repositories);
    document["failing_sources"] = std::move(failing);
    document["has_more"] = found.has_more;
    print_json(on.out, document);
}

void print_repositories(terminal& on, found_gaps const& found)
{
    text_table table{
        {"REPOSITORY", "WEBHOOKS", "BY WEBHOOK", "WATCHING", "CATCH-UP", "MISSED", "LATEST", "FAULT"}, {}};
    table.wraps = true;
    for (auto const& [key, one] : found.repositories)
    {
        auto const& counted = one.counted;
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
    print_table(on, table);
}

void advise(terminal& on, found_gaps const& found)
{
    for (auto const& one : found.failing)
        on.err << "Source " << safe_line(one.name) << ": the last question through link "
               << safe_line(one.link) << " failed: " << safe_line(one.why, 1000) << "; linkspan check-link "
               << safe_line(one.link) << ".\n";
    for (auto const& [key, one] : found.repositories)
        if (!one.advice.empty())
            on.err << safe_line(one.counted.repository) << ": " << safe_line(one.fault) << ": " << one.advice
                   << ".\n";
    for (auto const& [key, one] : found.repositories)
        if (one.hook)
            on.err << safe_line(one.counted.repository) << ": its webhook is " << name_of(one.hook->health)
                   << ": " << safe_line(one.hook->why, 1000) << ".\n";
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

result<> show_gaps(terminal& on, gaps_options const& wanted)
{
    auto options = wanted;
    // One for all: nobody is asked twice for a passphrase.
    options.paths.keys = key_reader_of(options.paths);
    auto const loaded = load_config(options.paths.config);
    if (!loaded.problems.faults.empty())
        print_warning(
            on,
            options.paths.config.string() +
                " has faults, and what they spoil is not known here; see linkspan "
                "check"
        );
    auto const& configuration = loaded.config;
    auto found = read_store<found_gaps>(
        options.paths, {}, [&](transaction& tx) { return find_gaps(tx, options, configuration.sources); }
    );
    if (!found)
        return found.error();
    mark_polled(*found);
    advise_on_faults(*found);
    if (auto const judged = judge_hooks(*found, options, configuration); !judged)
        return judged;
    if (options.json)
    {
        print_document(on, *found);
        return {};
    }
    if (found->repositories.empty())
        on.err
            << (options.repository.empty()
                    ? "Nothing has come in, and no repository is watched; linkspan check says what is "
                      "configured.\n"
                    : "No repository that matches \"" + safe_line(options.repository) +
                          "\" is known; linkspan gaps shows all that are.\n");
    else
        print_repositories(on, *found);
    advise(on, *found);
    return {};
}

}  // namespace linkspan
