#include "cmd/linkspan/watch.hpp"

#include "core/watch/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr milliseconds quiet_wait{600'000};  // nothing may be due for longer, but the clock may be set
constexpr milliseconds store_failure_wait{5'000};

// At once: none of them asks anybody, but each is a transaction.
constexpr std::size_t ends_at_once_max = 8;

// From which stretch on a slow-down is told, and below which it is over.
constexpr double slow_stretch = 2;
constexpr double usual_stretch = 1.5;

// What all sources have in common that name it.
std::set<std::string> unchanged_parts(
    std::vector<polled_source> const& sources,
    std::set<std::string> const& unchanged,
    std::string (*part)(polled_source const&)
)
{
    std::set<std::string> out, changed;
    for (auto const& one : sources)
        (unchanged.contains(one.name) ? out : changed).insert(part(one));
    std::erase_if(out, [&](auto const& one) { return changed.contains(one); });
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
    auto const instances =
        unchanged_parts(sources_, unchanged, [](polled_source const& one) { return one.instance; });
    auto const links =
        unchanged_parts(sources_, unchanged, [](polled_source const& one) { return one.link.id.value; });
    std::erase_if(pauses_, [&](auto const& kept) { return !instances.contains(std::get<0>(kept.first)); });
    std::erase_if(silences_, [&](auto const& kept) { return !links.contains(kept.first); });
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

// Starts what is due; answers when to look again. Each link has slots of its own: a Bitbucket that hangs
// holds up no other.
asio::awaitable<time_point> watch_loop::dispatch()
{
    auto next = with_.clock.now() + quiet_wait;
    std::map<std::string, std::vector<polled_source>> by_link;
    for (auto const& source : sources_)
        by_link[source.link.id.value].push_back(source);
    for (auto const& [link, sharing] : by_link)
    {
        auto const due = co_await dispatch_link(sharing);
        next = std::min(next, due);
    }
    co_return next;
}

result<watch_loop::found_watches> watch_loop::find_watches(
    transaction& tx, std::set<std::string> const& instances, link_id const& link, resource_class resource
)
{
    found_watches out;
    for (auto const& instance : instances)
    {
        auto watched = list_watches(tx, instance);
        if (!watched)
            return watched.error();
        std::ranges::move(*watched, std::back_inserter(out.watched));
        auto builds = list_build_watches(tx, instance);
        if (!builds)
            return builds.error();
        std::ranges::move(*builds, std::back_inserter(out.builds));
    }
    auto held = load_budget(tx, link, resource);
    if (!held)
        return held.error();
    out.held = std::move(*held);
    return out;
}

asio::awaitable<time_point> watch_loop::dispatch_link(std::vector<polled_source> sharing)
{
    auto const first = sharing.front();
    std::set<std::string> instances;
    for (auto const& source : sharing)
        instances.insert(source.instance);
    std::function<result<found_watches>(transaction&)> const work =
        [instances, link = first.link.id, resource = resource_of(first.edition)](transaction& tx)
    { return find_watches(tx, instances, link, resource); };
    auto found = co_await with_.store.read<found_watches>(work);
    auto const now = with_.clock.now();
    if (!found)
    {
        with_.log.error("watching waits", {{"source", first.name}, {"why", found.error().message}});
        co_return now + store_failure_wait;
    }
    forget_places(*found, instances);
    drop_others(*found, first.link.id, now);
    co_return begin_due(first, std::move(*found), now);
}

// What is watched no more begins anew where it is watched again.
void watch_loop::forget_places(found_watches const& found, std::set<std::string> const& instances)
{
    std::set<place_key> watched;
    for (auto const& one : found.watched)
        watched.insert(key_of(one.place, watched_thing::comments));
    for (auto const& one : found.builds)
        watched.insert(key_of(one.place, watched_thing::builds));
    auto const is_past = [&](auto const& kept)
    {
        return instances.contains(std::get<0>(kept.first)) && !watched.contains(kept.first) &&
               !busy_.contains(kept.first);
    };
    std::erase_if(pauses_, is_past);
    std::erase_if(costs_, is_past);
}

// Those of nobody are not looked at, but they end.
void watch_loop::drop_others(found_watches& found, link_id const& link, time_point now) const
{
    auto const is_ours = [&](auto const& one)
    {
        auto const* asks = source_for(sources_, one.place.instance, one.full_name);
        return asks != nullptr && asks->link.id == link;
    };
    std::erase_if(
        found.watched,
        [&](watched_pull_request const& one) { return !is_ours(one) && next_look(one.state, 1, now); }
    );
    std::erase_if(
        found.builds,
        [&](watched_builds const& one) { return !is_ours(one) && next_build_look(one.state, 1, now); }
    );
}

// As how many watches of one request a look they count: all that share the credential.
int watch_loop::sharers(found_watches const& found) const
{
    auto out = static_cast<int>(found.builds.size() / builds_per_comment_watch);
    for (auto const& one : found.watched)
    {
        auto const cost = costs_.find(key_of(one.place, watched_thing::comments));
        out += cost == costs_.end() ? 1 : cost->second;
    }
    return out;
}

time_point watch_loop::begin_due(polled_source const& first, found_watches found, time_point now)
{
    auto next = now + quiet_wait;
    double const density = room(found.held, sharers(found), now);
    double stretch = 1;
    std::vector<turn> turns;
    for (auto& one : found.watched)
    {
        auto const due = next_look(one.state, density, now);
        if (due)
            stretch = std::max(stretch, due->stretch);
        // What is over ends at once.
        auto const at = due_now(key_of(one.place, watched_thing::comments), due ? due->due_at : now, next);
        if (at && due)
            turns.push_back({*at, [this, one = std::move(one), due] { begin_look(one, *due); }});
        else if (at)
            begin_end(std::move(one));
    }
    for (auto& one : found.builds)
    {
        auto const due_at = next_build_look(one.state, density, now);
        auto const at = due_now(key_of(one.place, watched_thing::builds), due_at.value_or(now), next);
        if (at && due_at)
            turns.push_back({*at, [this, one = std::move(one)] { begin_build_look(one); }});
        else if (at)
            begin_build_end(std::move(one));
    }
    tell_stretch(first, stretch);
    return std::min(next, take_turns(first.link.id, std::move(turns), now));
}

// Since when it is due; nothing: not now. What is busy looks again at its end.
std::optional<time_point> watch_loop::due_now(place_key const& key, time_point due_at, time_point& next) const
{
    if (busy_.contains(key))
        return std::nullopt;
    if (auto const paused = pauses_.find(key); paused != pauses_.end())
        due_at = std::max(due_at, paused->second.retry.until);
    if (due_at <= with_.clock.now())
        return due_at;
    next = std::min(next, due_at);
    return std::nullopt;
}

// The longest overdue first. Answers when the others may have their turn, where no look that is under way
// says it by its end.
time_point watch_loop::take_turns(link_id const& link, std::vector<turn> turns, time_point now)
{
    std::ranges::stable_sort(turns, {}, &turn::due_at);
    auto const found = silences_.find(link.value);
    auto const answers = found == silences_.end() ? silence() : found->second;
    auto const allowed = looks_at_once(answers, now);
    for (auto const& one : turns)
    {
        if (is_resting_ || begun(link.value) >= allowed)
            break;
        one.begin();
    }
    return allowed == 0 && !turns.empty() ? answers.ask_again_at : now + quiet_wait;
}

std::size_t watch_loop::begun(std::string const& slot) const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(busy_, [&](auto const& one) { return one.second == slot; })
    );
}

void watch_loop::begin_look(watched_pull_request of, due_look due)
{
    auto const* asks = source_for(sources_, of.place.instance, of.full_name);
    if (asks == nullptr)
        return;
    busy_[key_of(of.place, watched_thing::comments)] = asks->link.id.value;
    with_.looks.spawn("a look at a pull request", look(*asks, std::move(of), due));
}

void watch_loop::begin_build_look(watched_builds of)
{
    auto const* asks = source_for(sources_, of.place.instance, of.full_name);
    if (asks == nullptr)
        return;
    busy_[key_of(of.place, watched_thing::builds)] = asks->link.id.value;
    with_.looks.spawn("a look at builds", look_at_builds(*asks, std::move(of)));
}

void watch_loop::begin_end(watched_pull_request of)
{
    if (is_resting_ || begun({}) >= ends_at_once_max)
        return;
    busy_[key_of(of.place, watched_thing::comments)] = {};
    with_.looks.spawn("the end of a watch", end(std::move(of)));
}

void watch_loop::begin_build_end(watched_builds of)
{
    if (is_resting_ || begun({}) >= ends_at_once_max)
        return;
    busy_[key_of(of.place, watched_thing::builds)] = {};
    with_.looks.spawn("the end of a watch of builds", end_builds(std::move(of)));
}

// Once when it begins, once when it is over.
void watch_loop::tell_stretch(polled_source const& source, double stretch)
{
    if (stretch >= slow_stretch && slow_.insert(source.link.id.value).second)
        with_.log.warning(
            "watching slows down: the budget has no room for the usual pace",
            {{"source", source.name}, {"link", source.link.id.value}, {"stretch", std::llround(stretch)}}
        );
    else if (stretch < usual_stretch && slow_.erase(source.link.id.value) > 0)
        with_.log.info("watching is at its usual pace again", {{"source", source.name}});
}

}  // namespace linkspan
