#include "cmd/linkspan/watch.hpp"

#include "core/watch/schedule.hpp"
#include "store/budgets.hpp"
#include "store/inbox.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr std::size_t looks_at_once_max = 8;  // a Bitbucket that hangs must not hold up all the others
constexpr milliseconds quiet_wait{600'000};   // nothing may be due for longer, but the clock may be set
constexpr milliseconds store_failure_wait{5'000};

// From which stretch on a slow-down is told, and below which it is over.
constexpr double slow_stretch = 2;
constexpr double usual_stretch = 1.5;

struct source_watches
{
    std::vector<watched_pull_request> watched;
    std::vector<watched_builds> builds;
    budget held;
};

result<source_watches> read_watches(
    transaction& tx, std::string const& instance, link_id const& link, resource_class resource
)
{
    auto watched = list_watches(tx, instance);
    if (!watched)
        return watched.error();
    auto builds = list_build_watches(tx, instance);
    if (!builds)
        return builds.error();
    auto held = load_budget(tx, link, resource);
    if (!held)
        return held.error();
    source_watches out;
    out.watched = std::move(*watched);
    out.builds = std::move(*builds);
    out.held = std::move(*held);
    return out;
}

}  // namespace

watch_loop::place_key watch_loop::key_of(watch_place const& of, watched_thing what)
{
    return {of.instance, of.repository, of.pull_request, what};
}

watch_loop::watch_loop(parts with) : with_(std::move(with)), work_(with_.clock) {}

void watch_loop::use(std::vector<polled_source> sources)
{
    auto const unchanged = unchanged_sources(sources_, sources);
    sources_ = std::move(sources);
    std::set<std::string> same;
    for (auto const& one : sources_)
        if (unchanged.contains(one.name))
            same.insert(one.instance);
    for (auto const& one : sources_)
        if (!unchanged.contains(one.name))
            same.erase(one.instance);
    std::erase_if(pauses_, [&](auto const& paused) { return !same.contains(std::get<0>(paused.first)); });
    wake();
}

asio::awaitable<void> watch_loop::run()
{
    for (;;)
    {
        auto const next = co_await dispatch();
        is_waiting_ = true;
        co_await work_.wait_until(next);
        is_waiting_ = false;
    }
}

// Starts what is due; answers when to look again.
asio::awaitable<time_point> watch_loop::dispatch()
{
    auto next = with_.clock.now() + quiet_wait;
    auto const sources = sources_;
    for (auto const& source : sources)
    {
        auto const due = co_await dispatch_source(source);
        next = std::min(next, due);
    }
    co_return next;
}

asio::awaitable<time_point> watch_loop::dispatch_source(polled_source source)
{
    auto const resource = resource_of(source.edition);
    std::function<result<source_watches>(transaction&)> const work =
        [instance = source.instance, link = source.link.id, resource](transaction& tx)
    { return read_watches(tx, instance, link, resource); };
    auto read = co_await with_.store.read<source_watches>(work);
    auto const now = with_.clock.now();
    if (!read)
    {
        with_.log.error("watching waits", {{"source", source.name}, {"why", read.error().message}});
        co_return now + store_failure_wait;
    }
    auto const sources = sources_;
    auto const is_ours = [&](auto const& one)
    {
        auto const* asks = source_for(sources, one.place.instance, one.full_name);
        return asks != nullptr && asks->name == source.name;
    };
    // Those of nobody are not looked at, but they end.
    std::erase_if(
        read->watched,
        [&](watched_pull_request const& one) { return !is_ours(one) && next_look(one.state, 1, now); }
    );
    std::erase_if(
        read->builds,
        [&](watched_builds const& one) { return !is_ours(one) && next_build_look(one.state, 1, now); }
    );
    auto next = now + quiet_wait;
    auto const sharers = read->watched.size() + read->builds.size() / builds_per_comment_watch;
    double const density = room(read->held, static_cast<int>(sharers), now);
    double stretch = 1;
    for (auto& one : read->watched)
    {
        auto const due = next_look(one.state, density, now);
        if (due)
            stretch = std::max(stretch, due->stretch);
        auto const due_at = due ? due->due_at : now;  // what is over ends at once
        if (is_due(key_of(one.place, watched_thing::comments), due_at, next))
            start(source, std::move(one), due);
    }
    for (auto& one : read->builds)
    {
        auto const due_at = next_build_look(one.state, density, now);
        if (is_due(key_of(one.place, watched_thing::builds), due_at.value_or(now), next))
            start_builds(source, std::move(one), !due_at.has_value());
    }
    tell_stretch(source, stretch);
    co_return next;
}

// Whether something may begin now. What is busy looks again at its end.
bool watch_loop::is_due(place_key const& key, time_point due_at, time_point& next) const
{
    if (busy_.contains(key))
        return false;
    if (auto const paused = pauses_.find(key); paused != pauses_.end())
        due_at = std::max(due_at, paused->second.retry.until);
    if (due_at > with_.clock.now())
    {
        next = std::min(next, due_at);
        return false;
    }
    return !is_resting_ && busy_.size() < looks_at_once_max;
}

void watch_loop::start(polled_source const& source, watched_pull_request of, std::optional<due_look> due)
{
    busy_.insert(key_of(of.place, watched_thing::comments));
    if (due)
        with_.looks.spawn("a look at a pull request", look(source, std::move(of), *due));
    else
        with_.looks.spawn("the end of a watch", end(std::move(of)));
}

// Once when it begins, once when it is over.
void watch_loop::tell_stretch(polled_source const& source, double stretch)
{
    if (stretch >= slow_stretch && slow_.insert(source.name).second)
        with_.log.warning(
            "watching slows down: the budget has no room for the usual pace",
            {{"source", source.name}, {"link", source.link.id.value}, {"stretch", std::llround(stretch)}}
        );
    else if (stretch < usual_stretch && slow_.erase(source.name) > 0)
        with_.log.info("watching is at its usual pace again", {{"source", source.name}});
}

}  // namespace linkspan
