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

// Behind a look that failed: doubled for each in a row.
constexpr milliseconds failure_wait_min{15'000};
constexpr milliseconds failure_wait_max{240'000};

// From which stretch on a slow-down is told, and below which it is over.
constexpr double slow_stretch = 2;
constexpr double usual_stretch = 1.5;

milliseconds wait_behind(int failures)
{
    auto wait = failure_wait_min;
    for (int i = 1; i < failures && wait < failure_wait_max; ++i)
        wait *= 2;
    return std::min(wait, failure_wait_max);
}

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
        due_at = std::max(due_at, paused->second.until);
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
        with_.looks.spawn("a look at a pull request", look(source, std::move(of), due->with_tasks));
    else
        with_.looks.spawn("the end of a watch", end(std::move(of)));
}

// Comments first: tasks change seldom, and their number comes with other events.
asio::awaitable<void> watch_loop::look(polled_source source, watched_pull_request of, bool with_tasks)
{
    auto const key = key_of(of.place, watched_thing::comments);
    auto const asked_at = with_.clock.now();
    auto const place = place_of(of.full_name).value_or(bitbucket::repository_place());
    auto const known = co_await read_ground(source.edition, of.place, of.full_name);
    look_answers seen;
    seen.edition = source.edition;
    seen.since = known.since;
    seen.repository = shown_repository(source.edition, of.place.repository, of.full_name);
    seen.pull_request = boost::json::object({{"id", of.place.pull_request}});
    api_question question(api_topic::comments, place, of.place.pull_request);
    auto said = co_await with_.asker.ask(source.link, priority::watching, question);
    bool const is_whole = !said.is_held() && said.is_whole();
    // A list that could not be read to its end shows what it shows.
    if (is_whole || !said.values.empty())
    {
        seen.asked_at = said.began_at.value_or(asked_at);
        seen.are_comments_whole = is_whole;
        seen.comments = std::move(said.values);
    }
    if (is_whole && with_tasks)
    {
        question.topic = api_topic::tasks;
        said = co_await with_.asker.ask(source.link, priority::watching, question);
        seen.are_tasks_whole = !said.is_held() && said.is_whole();
        if (seen.are_tasks_whole)
            seen.tasks = std::move(said.values);
    }
    if (seen.comments)
    {
        std::vector<inbox_entry> rows;
        rows.push_back(row_of(source, event_origin::poll, seen, with_.clock.now()));
        if (seen.tasks && known.head)
        {
            watched_builds of_head;
            of_head.place = of.place;
            of_head.full_name = of.full_name;
            auto built = co_await ask_builds(source, std::move(of_head), known);
            // What is wrong with them is told where they alone are asked for.
            if (built.row)
                rows.push_back(std::move(*built.row));
        }
        auto const kept = co_await keep(of, std::move(rows), seen.tasks.has_value(), asked_at);
        if (!kept)
            said.fail(bitbucket::api_fault::unavailable, kept.error().message);
    }
    if (said.is_held())
        pauses_[key].until = *said.held_until;
    else if (said.fault == bitbucket::api_fault::none)
        pauses_.erase(key);
    else
        co_await after_fault(source, key, of.full_name, static_cast<bitbucket::api_outcome&>(said));
    busy_.erase(key);
    wake();
}

// The rows and what the look leaves of the watch, at once: a process that ends in between makes it again.
asio::awaitable<result<>> watch_loop::keep(
    watched_pull_request of, std::vector<inbox_entry> rows, bool with_tasks, time_point asked_at
)
{
    std::function<result<bool>(transaction&)> const work =
        [place = of.place, rows = std::move(rows), with_tasks, asked_at](transaction& tx) -> result<bool>
    {
        auto const state = find_watch(tx, place);
        if (!state)
            return state.error();
        if (!state->has_value())
            return false;  // closed meanwhile: its own deliveries tell the rest
        for (auto const& row : rows)
            if (auto const appended = append(tx, row); !appended)
                return appended.error();
        if (auto const saved =
                save_watch(tx, place, after_look((*state)->state, with_tasks, asked_at, tx.now()));
            !saved)
            return saved.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(work);
    if (!done)
        co_return done.error();
    if (*done)
        with_.on_row();
    co_return result<>();
}

// A comment may have come since it was found to be over.
asio::awaitable<void> watch_loop::end(watched_pull_request of)
{
    std::function<result<bool>(transaction&)> const work = [place = of.place](transaction& tx) -> result<bool>
    {
        auto const state = find_watch(tx, place);
        if (!state)
            return state.error();
        if (!state->has_value() || next_look((*state)->state, 1, tx.now()))
            return false;
        if (auto const ended = end_watch(tx, place); !ended)
            return ended.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(work);
    after_end(key_of(of.place, watched_thing::comments), done);
}

void watch_loop::after_end(place_key const& key, result<bool> const& done)
{
    pauses_.erase(key);
    if (!done)
    {
        with_.log.warning("a watch is not ended yet", {{"why", done.error().message}});
        pauses_[key].until = with_.clock.now() + store_failure_wait;
    }
    busy_.erase(key);
    wake();
}

asio::awaitable<void> watch_loop::after_fault(
    polled_source source, place_key key, std::string full_name, bitbucket::api_outcome ended
)
{
    if (ended.fault == bitbucket::api_fault::cancelled)
        co_return;
    auto& paused = pauses_[key];
    paused.until = with_.clock.now() + wait_behind(++paused.failures);
    bool const is_over = bitbucket::is_lasting(ended.fault);
    auto const [instance, repository, pull_request, what] = key;
    with_.log.warning(
        is_over ? "watching of a pull request ends" : "a look failed",
        {{"source", source.name},
         {"link", source.link.id.value},
         {"repository", full_name},
         {"pull_request", pull_request},
         {"of", what == watched_thing::builds ? "builds" : "comments"},
         {"fault", bitbucket::name_of(ended.fault)},
         {"why", ended.why.message}}
    );
    if (!is_over)
        co_return;
    watch_place of;
    of.instance = instance;
    of.repository = repository;
    of.pull_request = pull_request;
    bool const are_builds = what == watched_thing::builds;
    std::function<result<bool>(transaction&)> const work = [of, are_builds](transaction& tx) -> result<bool>
    {
        if (auto const done = are_builds ? end_build_watch(tx, of) : end_watch(tx, of); !done)
            return done.error();
        return true;
    };
    (void)co_await with_.store.write<bool>(work);
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
