// The builds of watched pull requests (core/watch/builds.hpp).
#include "cmd/linkspan/watch.hpp"
#include "store/event_core.hpp"
#include "store/inbox.hpp"
#include "store/watched_repositories.hpp"

#include <utility>

namespace linkspan
{

namespace asio = boost::asio;

asio::awaitable<watch_loop::ground> watch_loop::read_ground(
    edition of, watch_place place, std::string full_name
)
{
    std::function<result<ground>(transaction&)> const work =
        [of, place, full_name = std::move(full_name)](transaction& tx) -> result<ground>
    {
        auto const watched = find_watched(tx, place.instance, full_name);
        if (!watched)
            return watched.error();
        ground out;
        out.since = *watched ? (*watched)->watched_since : tx.now();
        if (of != edition::data_center)
            return out;
        auto head = head_of(tx, place.instance, place.repository, place.pull_request);
        if (!head)
            return head.error();
        out.head = std::move(*head);
        return out;
    };
    auto known = co_await with_.store.read<ground>(work);
    if (known)
        co_return std::move(*known);
    // Nothing from before is announced.
    ground unknown;
    unknown.since = with_.clock.now();
    co_return unknown;
}

// known.head is set.
asio::awaitable<watch_loop::built> watch_loop::ask_builds(
    polled_source source, watched_builds of, ground known
)
{
    built out;
    api_question question;
    question.topic = api_topic::builds;
    question.commit = *known.head;
    auto said = co_await with_.asker.ask(source.link, priority::watching, std::move(question));
    build_answers seen;
    seen.repository = shown_repository(source.edition, of.place.repository, of.full_name);
    seen.commit = *known.head;
    seen.asked_at = said.began_at.value_or(with_.clock.now());
    seen.since = known.since;
    seen.builds = std::move(said.values);
    if (!seen.builds.empty())
        out.row = row_of(source, event_origin::poll, seen, with_.clock.now());
    out.held_until = said.held_until;
    out.ended = std::move(static_cast<bitbucket::api_outcome&>(said));
    co_return out;
}

asio::awaitable<void> watch_loop::look_at_builds(polled_source source, watched_builds of)
{
    look_ending ended;
    ended.key = key_of(of.place, watched_thing::builds);
    ended.full_name = of.full_name;
    ended.window_end = of.state.pushed_at + build_window;
    auto const asked_at = with_.clock.now();
    ended.began_at = asked_at;
    auto const known = co_await read_ground(source.edition, of.place, of.full_name);
    if (!known.head)
    {
        co_await end_builds(std::move(of));
        co_return;
    }
    auto said = co_await ask_builds(source, of, known);
    ended.held_until = said.held_until;
    ended.said = std::move(said.ended);
    if (!said.held_until && (said.row || ended.said.fault == bitbucket::api_fault::none))
    {
        std::optional<time_point> whole_at;
        if (ended.said.fault == bitbucket::api_fault::none)
            whole_at = asked_at;
        auto const kept = co_await keep_builds(of.place, std::move(said.row), whole_at);
        ended.is_of_store = !kept;
        if (!kept)
            ended.said.fail(bitbucket::api_fault::unavailable, kept.error().message);
    }
    co_await settle(std::move(source), std::move(ended));
}

// What was shown and when it was asked for, at once. asked_at: nothing where it was not all.
asio::awaitable<result<>> watch_loop::keep_builds(
    watch_place of, std::optional<inbox_entry> row, std::optional<time_point> asked_at
)
{
    bool const has_row = row.has_value();
    std::function<result<bool>(transaction&)> const work =
        [of = std::move(of), row = std::move(row), asked_at](transaction& tx) -> result<bool>
    {
        auto const state = find_build_watch(tx, of);
        if (!state)
            return state.error();
        if (!state->has_value())
            return false;  // closed meanwhile
        if (row)
            if (auto const appended = append(tx, *row); !appended)
                return appended.error();
        if (!asked_at)
            return true;
        if (auto const saved = save_build_look(tx, of, *asked_at); !saved)
            return saved.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(work);
    if (!done)
        co_return done.error();
    if (*done && has_row)
        with_.on_row();
    co_return result<>();
}

// A push may have come since it was found to be over; one that was closed is over whatever came.
asio::awaitable<void> watch_loop::end_builds(watched_builds of)
{
    std::function<result<bool>(transaction&)> const work = [place = of.place](transaction& tx) -> result<bool>
    {
        auto const state = find_build_watch(tx, place);
        if (!state)
            return state.error();
        auto const head = head_of(tx, place.instance, place.repository, place.pull_request);
        if (!head)
            return head.error();
        if (!state->has_value() || (*head && next_build_look((*state)->state, 1, tx.now())))
            return false;
        if (auto const ended = end_build_watch(tx, place); !ended)
            return ended.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(work);
    after_end(key_of(of.place, watched_thing::builds), done);
}

}  // namespace linkspan
