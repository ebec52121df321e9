#include "cmd/linkspan/digest.hpp"

#include "cmd/linkspan/sample_bodies.hpp"
#include "links/link.hpp"
#include "tests/support/environment.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

// ./dev bench digest. The same rows twice in one run: inserted bare, in batches as large as digest's, and
// digested into events, snapshots and planned deliveries. Every batch of both is synced to the disk.

namespace linkspan::test
{
namespace
{

using stopwatch = std::chrono::steady_clock;

constexpr std::size_t rows_wanted = 20'000;
constexpr std::size_t batch_rows = 32;  // as digest takes them
constexpr int rounds = 3;
constexpr milliseconds look_wait{5};
constexpr double rows_per_second_min = 5'000;

double seconds_since(stopwatch::time_point begin)
{
    return std::chrono::duration<double>(stopwatch::now() - begin).count();
}

template <class T>
T must(result<T> answer)
{
    if (!answer)
        throw std::runtime_error(answer.error().message);
    return std::move(*answer);
}

// The lives of pull requests, one after the other: opened, commented on, pushed to, built, approved, merged.
std::vector<inbox_entry> make_entries()
{
    std::vector<inbox_entry> out;
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        auto const samples = must(samples_of(edition));
        for (std::int64_t number = 1; out.size() < rows_wanted / (edition == edition::cloud ? 2 : 1);
             ++number)
            for (auto const& one : samples)
            {
                if (!one.in_story)
                    continue;
                sample_run run;
                run.now = from_milliseconds(1'795'000'000'000 + number * 60'000);
                run.pull_request = number;
                run.number = number * 1'000;
                inbox_entry entry;
                entry.link = "bench";
                entry.edition = edition;
                entry.instance =
                    edition == edition::cloud ? "bitbucket.org" : "https://bitbucket.example.com";
                entry.event_key = one.event_key;
                entry.headers = "{}";
                entry.body = must(body_of(one, run));
                entry.received_at = run.now;
                out.push_back(std::move(entry));
            }
    }
    return out;
}

struct bench_store
{
    temporary_folder folder;
    boost::asio::io_context loop{1};
    std::unique_ptr<linkspan::store> store;

    bench_store()
    {
        store::settings settings;
        settings.file = folder.path() / "linkspan.db";
        settings.writing.now = [] { return system_now(); };
        settings.writing.on_foreign_commit = [] {};
        settings.writing.on_group = [](std::size_t) {};
        settings.writing.on_fatal = [](error const& failure)
        {
            std::fprintf(stderr, "bench digest: %s\n", failure.message.c_str());
            std::abort();
        };
        store = must(store::open(loop, settings));
    }

    template <class T>
    void run(boost::asio::awaitable<T> work)
    {
        std::exception_ptr failure;
        boost::asio::co_spawn(
            loop, std::move(work), [&failure](std::exception_ptr ended) { failure = ended; }
        );
        loop.restart();
        loop.run();
        if (failure)
            std::rethrow_exception(failure);
    }
};

boost::asio::awaitable<void> insert_all(store& into, std::vector<inbox_entry> const& entries)
{
    for (std::size_t begin = 0; begin < entries.size(); begin += batch_rows)
    {
        std::function<result<bool>(transaction&)> work = [&entries, begin](transaction& tx) -> result<bool>
        {
            for (std::size_t i = begin; i < std::min(begin + batch_rows, entries.size()); ++i)
                if (auto const done = append(tx, entries[i]); !done)
                    return done.error();
            return true;
        };
        auto const done = co_await into.write<bool>(std::move(work));
        if (!done)
            throw std::runtime_error(done.error().message);
    }
}

boost::asio::awaitable<void> rest_when_empty(store& of, clock& time, digest_loop& loop)
{
    for (;;)
    {
        std::function<result<inbox_depth>(transaction&)> look = [](transaction& tx)
        { return depth_of_inbox(tx); };
        auto const depth = co_await of.read<inbox_depth>(std::move(look));
        if (!depth)
            throw std::runtime_error(depth.error().message);
        if (depth->pending == 0)
            break;
        co_await time.wait_until(time.now() + look_wait);
    }
    loop.rest();
}

std::int64_t count(store& of, bench_store& on, char const* table)
{
    std::int64_t found = 0;
    auto ask = [](store& from, std::string sql, std::int64_t& into) -> boost::asio::awaitable<void>
    {
        std::function<result<std::int64_t>(transaction&)> work = [sql](transaction& tx
                                                                 ) -> result<std::int64_t>
        {
            auto& statement = tx.prepare(sql.c_str());
            statement.executeStep();
            return statement.getColumn(0).getInt64();
        };
        into = must(co_await from.read<std::int64_t>(std::move(work)));
    };
    on.run(ask(of, std::string("SELECT count(*) FROM ") + table, found));
    return found;
}

std::vector<rule> bench_rules()
{
    rule everything;
    everything.name = "all";
    everything.kinds = {"**"};
    everything.destinations = {"reviews"};
    return {everything};
}

double measure(std::vector<inbox_entry> const& entries)
{
    bench_store on;
    auto begin = stopwatch::now();
    on.run(insert_all(*on.store, entries));
    auto const bare = static_cast<double>(entries.size()) / seconds_since(begin);

    clock time(on.loop);
    metrics counts;
    linkspan::log quiet("error", "text");
    digest_loop digest({*on.store, time, counts, quiet, [](auto const&) {}}, rule_set(bench_rules()));
    begin = stopwatch::now();
    boost::asio::co_spawn(on.loop, rest_when_empty(*on.store, time, digest), boost::asio::detached);
    on.run(digest.run());
    auto const digested = static_cast<double>(entries.size()) / seconds_since(begin);
    std::printf(
        "%zu rows: bare insert %8.0f rows/s, digested %8.0f rows/s, ratio %.2f; %lld events, %lld "
        "deliveries\n",
        entries.size(),
        bare,
        digested,
        digested / bare,
        static_cast<long long>(count(*on.store, on, "event")),
        static_cast<long long>(count(*on.store, on, "delivery"))
    );
    return digested;
}

}  // namespace
}  // namespace linkspan::test

int main()
{
    try
    {
        auto const entries = linkspan::test::make_entries();
        double best = 0;
        for (int round = 0; round < linkspan::test::rounds; ++round)
            best = std::max(best, linkspan::test::measure(entries));
        if (best >= linkspan::test::rows_per_second_min)
            return 0;
        std::fprintf(
            stderr,
            "bench digest: %.0f rows/s at best; %.0f are the aim\n",
            best,
            linkspan::test::rows_per_second_min
        );
    }
    catch (std::exception const& failure)
    {
        std::fprintf(stderr, "bench digest: %s\n", failure.what());
    }
    return 1;
}
