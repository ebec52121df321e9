#include "cmd/linkspan/backfill.hpp"

#include "cmd/linkspan/api_advice.hpp"
#include "cmd/linkspan/asking_command.hpp"
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/crawl.hpp"
#include "cmd/linkspan/running_serve.hpp"
#include "core/base/text.hpp"
#include "core/watch/beat.hpp"
#include "store/watched_repositories.hpp"
#include "store/watches.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;
namespace json = boost::json;

struct filled_repository
{
    std::string full_name;
    std::size_t pull_requests = 0;
    bitbucket::api_outcome ended;
};

std::string counted(std::size_t number, std::string const& what)
{
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

constexpr std::size_t why_bytes_max = 500;  // of a line; a server may have many words

// Shorter waits, as for the bucket of a Data Center, are not told.
constexpr milliseconds told_wait_min{5'000};

// On a terminal one line that is written over; elsewhere what takes long is told by the line of each
// repository.
void tell_progress(terminal& on, std::string const& repository, crawl_progress const& so_far)
{
    if (so_far.held_until)
    {
        if (*so_far.held_until - system_now() >= told_wait_min)
            print_warning(
                on,
                (so_far.is_refused ? "Bitbucket wants to be asked nothing before "
                                   : "the budget has no room before ") +
                    to_rfc3339(*so_far.held_until) + "; linkspan waits"
            );
        return;
    }
    if (!on.is_terminal || on.columns == 0)
        return;
    on.err << '\r' << repository << ": " << so_far.looked_at << " of " << so_far.of.value_or(0)
           << " pull requests" << std::flush;
    if (so_far.looked_at == so_far.of)
        on.err << '\n';
}

std::string with_advice(bitbucket::api_outcome const& ended, polled_source const& source)
{
    auto const advice =
        advice_on(bitbucket::name_of(ended.fault), source.link.name.value_or(source.link.id.value));
    return ended.why.message + (advice.empty() ? "" : "; " + advice);
}

// What one run of the command works with.
class backfill_run
{
public:
    backfill_run(
        terminal& on, backfill_options const& options, command_store database, server_config const& server
    )
        : on_(on), options_(options), with_(options.paths, std::move(database), server, "backfill")
    {
    }

    result<polled_source> find_source(std::vector<source_config> const& sources);
    result<std::vector<filled_repository>> fill(polled_source const& source);
    bool has_kept() const { return has_kept_; }  // rows, which serve has to digest

private:
    asio::awaitable<result<std::vector<filled_repository>>> fill_all(polled_source source);
    asio::awaitable<filled_repository> fill_one(polled_source source, std::string full_name);
    crawler crawler_for(watched_repository of);
    result<bool> remember(watched_repository const& row);

    terminal& on_;
    backfill_options const& options_;
    asking_command with_;
    bool has_kept_ = false;
};

result<polled_source> backfill_run::find_source(std::vector<source_config> const& sources)
{
    std::vector<std::string> names;
    source_config const* wanted = nullptr;
    for (auto const& one : sources)
    {
        names.push_back(one.name);
        if (one.name == options_.source)
            wanted = &one;
    }
    if (wanted == nullptr)
        return error(
            errc::not_found,
            "there is no source \"" + options_.source + "\" in " + options_.paths.config.string() +
                (names.empty() ? ", and no other" : "; there is: " + joined(names, ", ")) +
                did_you_mean(options_.source, names)
        );
    if (wanted->api.empty())
        return error(
            errc::invalid,
            "source \"" + wanted->name +
                "\" has no api link, so nothing can be asked; add api = \"<link>\" to it in " +
                options_.paths.config.string()
        );
    auto const polled = with_.database().read<std::vector<polled_source>>(
        system_now(), [&](transaction& tx) { return read_polled_sources(tx, options_.paths, sources); }
    );
    if (!polled)
        return polled.error();
    for (auto const& one : *polled)
        if (one.name == wanted->name)
            return one;
    return error(
        errc::invalid,
        "the api link \"" + wanted->api + "\" of source \"" + wanted->name +
            "\" cannot be used; linkspan check says why"
    );
}

result<std::vector<filled_repository>> backfill_run::fill(polled_source const& source)
{
    return with_.loop().run<std::vector<filled_repository>>(fill_all(source));
}

crawler backfill_run::crawler_for(watched_repository of)
{
    return crawler(crawler::parts{
        with_.asker(),
        with_.loop().clock(),
        [this, of](inbox_entry row) -> asio::awaitable<result<>>
        {
            std::function<result<bool>(transaction&)> const work = [&](transaction& tx) -> result<bool>
            {
                if (auto const watched = ensure_watched(tx, of); !watched)
                    return watched.error();
                if (auto const appended = append(tx, row); !appended)
                    return appended.error();
                return true;
            };
            auto const done = with_.database().write<bool>(system_now(), work);
            if (!done)
                co_return done.error();
            has_kept_ = true;
            co_return result<>();
        },
        [this, of](crawl_progress const& so_far) { tell_progress(on_, of.full_name, so_far); },
        nullptr,
        [this, of](std::string repository, std::int64_t pull_request) -> asio::awaitable<bool>
        {
            watch_place place;
            place.instance = of.instance;
            place.repository = std::move(repository);
            place.pull_request = pull_request;
            auto const known = with_.database().read<std::int64_t>(
                system_now(), [&](transaction& tx) { return count_open_tasks(tx, place); }
            );
            co_return !known || *known != 0;
        }});
}

result<bool> backfill_run::remember(watched_repository const& row)
{
    return with_.database().write<bool>(
        system_now(),
        [&](transaction& tx) -> result<bool>
        {
            if (auto const watched = ensure_watched(tx, row); !watched)
                return watched.error();
            if (auto const done = save_watched(tx, row); !done)
                return done.error();
            return true;
        }
    );
}

asio::awaitable<result<std::vector<filled_repository>>> backfill_run::fill_all(polled_source source)
{
    std::vector<std::string> names;
    if (!options_.repository.empty())
        names.push_back(options_.repository);
    else
    {
        auto reads = crawler_for(watched_repository());
        auto const found = co_await reads.repositories_of(source, priority::backfill);
        if (found.ended.fault != bitbucket::api_fault::none)
            co_return error(
                bitbucket::code_of(found.ended.fault),
                "the repositories of source \"" + source.name +
                    "\" cannot be listed: " + with_advice(found.ended, source)
            );
        names = found.full_names;
        if (names.empty())
            co_return error(
                errc::invalid,
                "source \"" + source.name +
                    "\" names no repositories; name one here, or add repositories, workspace or projects to "
                    "it"
            );
    }
    std::vector<filled_repository> out;
    for (auto const& name : names)
    {
        auto one = co_await fill_one(source, name);
        out.push_back(std::move(one));
    }
    co_return out;
}

asio::awaitable<filled_repository> backfill_run::fill_one(polled_source source, std::string full_name)
{
    filled_repository out;
    out.full_name = full_name;
    // One that cannot be read is not watched from here on.
    auto const known = with_.database().read<std::optional<watched_repository>>(
        system_now(), [&](transaction& tx) { return find_watched(tx, source.instance, full_name); }
    );
    if (!known)
    {
        out.ended.fail(bitbucket::api_fault::unavailable, known.error().message);
        co_return out;
    }
    watched_repository row;
    row.instance = source.instance;
    row.full_name = full_name;
    row.watched_since = system_now();
    if (*known)
        row = **known;
    auto reads = crawler_for(row);
    crawl_order order;
    order.source = std::move(source);
    order.repository = row;
    order.reach = crawl_reach::open;
    order.who = priority::backfill;
    catch_up_beats const beats;
    order.folds =
        is_behind_long_outage(row.crawled_at, order.source.is_poll_only, beats, beats.quiet, system_now());
    auto const ended = co_await reads.crawl(order);
    out.pull_requests = ended.looked_at;
    out.ended = ended.ended;
    // Catching up goes on from here, but from nowhere later than it is.
    if (ended.cursor && !row.cursor)
    {
        row.cursor = ended.cursor;
        row.crawled_at = system_now();
        auto const saved = remember(row);
        if (!saved)
            out.ended.fail(bitbucket::api_fault::unavailable, saved.error().message);
    }
    if (!options_.json)
        on_.out << safe_line(full_name) << ": " << counted(out.pull_requests, "open pull request")
                << (out.ended.fault == bitbucket::api_fault::none
                        ? ""
                        : ", then " + safe_line(out.ended.why.message, why_bytes_max))
                << '\n';
    if (ended.has_odd_clock)
        print_warning(
            on_,
            full_name + ": " + std::string(odd_clock_words) + "; " +
                advice_on(odd_clock_fault, order.source.link.id.value)
        );
    co_return out;
}

void print_report(terminal& on, std::vector<filled_repository> const& filled)
{
    json::array list;
    for (auto const& one : filled)
    {
        json::object entry;
        entry["repository"] = one.full_name;
        entry["pull_requests"] = one.pull_requests;
        entry["fault"] = one.ended.fault == bitbucket::api_fault::none
                             ? json::value()
                             : json::value(bitbucket::name_of(one.ended.fault));
        entry["why"] = one.ended.fault == bitbucket::api_fault::none ? json::value()
                                                                     : json::value(one.ended.why.message);
        list.push_back(std::move(entry));
    }
    json::object document;
    document["repositories"] = std::move(list);
    print_json(on.out, document);
}

}  // namespace

result<> backfill(terminal& on, backfill_options const& options)
{
    // One that is a pattern would be asked for by this name, and remembered.
    bool const is_pattern = options.repository.find_first_of("*?") != std::string::npos;
    if (!options.repository.empty() && (is_pattern || !place_of(options.repository)))
        return error(
            errc::invalid, "\"" + options.repository + "\" is no repository; write owner/slug, as in acme/api"
        );
    auto const configuration = load_whole_config(options.paths.config);
    if (!configuration)
        return configuration.error();
    auto database = find_store(options.paths);
    if (!database)
        return database.error();
    if (!*database)
        return error(
            errc::not_found,
            "there is no database " + options.paths.database.string() +
                " yet, and no link in it; linkspan create-link makes both"
        );
    backfill_run run(on, options, std::move(**database), configuration->server);
    auto const source = run.find_source(configuration->sources);
    if (!source)
        return source.error();
    auto const filled = run.fill(*source);
    if (!filled)
        return filled.error();
    if (options.json)
        print_report(on, *filled);
    else if (run.has_kept() && !is_served(options.paths))
        on.out << "linkspan serve takes them up when it starts.\n";
    for (auto const& one : *filled)
        if (one.ended.fault != bitbucket::api_fault::none)
            return error(
                bitbucket::code_of(one.ended.fault), one.full_name + ": " + with_advice(one.ended, *source)
            );
    return {};
}

}  // namespace linkspan
