// Looks at the comments and tasks of watched pull requests, and what follows a look that failed.
#include "cmd/linkspan/api_advice.hpp"
#include "cmd/linkspan/watch.hpp"
#include "core/watch/builds.hpp"
#include "store/inbox.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr milliseconds end_retry_wait{5'000};

look_fault look_fault_of(bitbucket::api_fault fault)
{
    using bitbucket::api_fault;
    if (fault == api_fault::not_found || fault == api_fault::gone)
        return look_fault::missing;
    bool const is_unanswered = fault == api_fault::unavailable || fault == api_fault::unheard;
    return is_unanswered ? look_fault::unanswered : look_fault::other;
}

}  // namespace

// Comments first: tasks change seldom, and their number comes with other events.
asio::awaitable<watch_loop::shown_look> watch_loop::ask_look(
    polled_source source, watched_pull_request of, bool with_tasks, time_point since
)
{
    shown_look out;
    auto const asked_at = with_.clock.now();
    auto const place = place_of(of.full_name).value_or(bitbucket::repository_place());
    out.seen.edition = source.edition;
    out.seen.since = since;
    out.seen.repository = shown_repository(source.edition, of.place.repository, of.full_name);
    out.seen.pull_request = boost::json::object({{"id", of.place.pull_request}});
    api_question question(api_topic::comments, place, of.place.pull_request);
    out.said = co_await with_.asker.ask(source.link, priority::watching, question);
    out.requests = out.said.requests;
    bool const is_whole = !out.said.is_held() && out.said.is_whole();
    // A list that could not be read to its end shows what it shows.
    if (is_whole || !out.said.values.empty())
    {
        out.seen.asked_at = out.said.began_at.value_or(asked_at);
        out.seen.are_comments_whole = is_whole;
        out.seen.comments = std::move(out.said.values);
    }
    if (!is_whole)
        co_return out;
    out.reach = look_reach::comments;
    if (!with_tasks)
        co_return out;
    question.topic = api_topic::tasks;
    out.said = co_await with_.asker.ask(source.link, priority::watching, question);
    out.seen.are_tasks_whole = !out.said.is_held() && out.said.is_whole();
    out.reach = out.seen.are_tasks_whole ? look_reach::whole : look_reach::half;
    if (out.seen.are_tasks_whole)
        out.seen.tasks = std::move(out.said.values);
    co_return out;
}

asio::awaitable<void> watch_loop::look(polled_source source, watched_pull_request of, due_look due)
{
    look_ending ended;
    ended.key = key_of(of.place, watched_thing::comments);
    ended.full_name = of.full_name;
    ended.window_end = of.state.changed_at + watch_end;
    auto const asked_at = with_.clock.now();
    ended.began_at = asked_at;
    auto const known = co_await read_ground(source.edition, of.place, of.full_name);
    auto shown = co_await ask_look(source, of, due.with_tasks, known.since);
    if (shown.requests > 1)
        costs_[ended.key] = shown.requests;
    else if (shown.requests == 1)
        costs_.erase(ended.key);
    ended.held_until = shown.said.held_until;
    ended.said = std::move(static_cast<bitbucket::api_outcome&>(shown.said));
    ended.is_half = due.is_last && shown.reach == look_reach::half;
    if (shown.seen.comments)
    {
        std::vector<inbox_entry> rows;
        rows.push_back(row_of(source, event_origin::poll, shown.seen, with_.clock.now()));
        if (shown.seen.tasks && known.head)
        {
            watched_builds of_head;
            of_head.place = of.place;
            of_head.full_name = of.full_name;
            auto built = co_await ask_builds(source, std::move(of_head), known);
            // What is wrong with them is told where they alone are asked for.
            if (built.row)
                rows.push_back(std::move(*built.row));
        }
        auto const kept = co_await keep(of, std::move(rows), shown.reach, asked_at);
        ended.is_of_store = !kept;
        if (!kept)
            ended.said.fail(bitbucket::api_fault::unavailable, kept.error().message);
    }
    co_await settle(std::move(source), std::move(ended));
}

// The rows and what the look leaves of the watch, at once: a process that ends in between makes it again. A
// list of comments that was cut short leaves it as it was: what changed may stand where it was cut.
asio::awaitable<result<>> watch_loop::keep(
    watched_pull_request of, std::vector<inbox_entry> rows, look_reach reach, time_point asked_at
)
{
    std::function<result<bool>(transaction&)> const work =
        [place = of.place, rows = std::move(rows), reach, asked_at](transaction& tx) -> result<bool>
    {
        auto const found = find_watch(tx, place);
        if (!found)
            return found.error();
        if (!found->has_value())
            return false;  // closed meanwhile: its own deliveries tell the rest
        for (auto const& row : rows)
            if (auto const appended = append(tx, row); !appended)
                return appended.error();
        if (reach == look_reach::part)
            return true;
        auto const& before = (*found)->state;
        auto const after = reach == look_reach::half
                               ? after_half_look(before, asked_at, tx.now())
                               : after_look(before, reach == look_reach::whole, asked_at, tx.now());
        if (auto const saved = save_watch(tx, place, after); !saved)
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
        pauses_[key].retry.until = with_.clock.now() + end_retry_wait;
    }
    busy_.erase(key);
    wake();
}

asio::awaitable<void> watch_loop::settle(polled_source source, look_ending of)
{
    auto const key = of.key;
    bool const is_answered = of.said.fault == bitbucket::api_fault::none && !of.held_until;
    if (is_answered)
        hear_answer(source);
    else if (look_fault_of(of.said.fault) == look_fault::unanswered && !of.is_of_store)
        hear_silence(source, of);
    bool const is_failure = of.said.fault != bitbucket::api_fault::none || (of.held_until && of.is_half);
    if (of.held_until && !is_failure)
        pauses_[key].retry.until = *of.held_until;
    else if (!is_failure)
        pauses_.erase(key);
    else if (of.said.fault != bitbucket::api_fault::cancelled)
        co_await after_fault(std::move(source), std::move(of));
    busy_.erase(key);
    wake();
}

void watch_loop::hear_silence(polled_source const& source, look_ending const& of)
{
    auto& kept = silences_[source.link.id.value];
    bool const was_silent = is_silent(kept);
    kept = after_unanswered(kept, of.began_at, with_.clock.now());
    if (!was_silent && is_silent(kept))
        with_.log.warning(
            "a source does not answer",
            {{"source", source.name},
             {"link", source.link.id.value},
             {"fault", fault_word(of)},
             {"why", of.said.why.message},
             {"do", advice_on(fault_word(of), source.link.id.value)}}
        );
}

// What could not be asked for is asked for now, and what was lost meanwhile soon.
void watch_loop::hear_answer(polled_source const& source)
{
    auto const found = silences_.find(source.link.id.value);
    if (found == silences_.end())
        return;
    bool const was_silent = is_silent(found->second);
    silences_.erase(found);
    if (!was_silent)
        return;
    with_.log.info("a source answers again", {{"source", source.name}, {"link", source.link.id.value}});
    std::set<std::string> instances;
    for (auto const& one : sources_)
        if (one.link.id == source.link.id)
            instances.insert(one.instance);
    auto const now = with_.clock.now();
    for (auto& [key, paused] : pauses_)
        if (instances.contains(std::get<0>(key)) && paused.retry.fault == look_fault::unanswered)
            paused.retry.until = std::min(paused.retry.until, now);
    for (auto const& instance : instances)
        with_.on_recovered(instance);
}

// Each fault of a watch is told once.
asio::awaitable<void> watch_loop::after_fault(polled_source source, look_ending of)
{
    auto const now = with_.clock.now();
    auto& paused = pauses_[of.key];
    auto const fault = of.held_until    ? look_fault::half
                       : of.is_of_store ? look_fault::other
                                        : look_fault_of(of.said.fault);
    paused.retry = after_failure(paused.retry, fault, now);
    if (of.held_until)
        paused.retry.until = std::max(paused.retry.until, *of.held_until);
    bool const is_told = std::exchange(paused.told_fault, fault_word(of)) == fault_word(of);
    auto const failed = paused.retry;
    tell_look(source, of, is_told ? log_level::debug : log_level::warning, "a look failed");
    if (!gives_up(failed, of.window_end, now))
        co_return;
    auto const ended = co_await give_up(of.key, failed);
    if (!ended || !*ended)
        co_return;
    pauses_.erase(of.key);
    tell_look(source, of, log_level::warning, "watching of a pull request ends");
}

std::string watch_loop::fault_word(look_ending const& of)
{
    return std::string(of.held_until ? budget_fault : bitbucket::name_of(of.said.fault));
}

void watch_loop::tell_look(
    polled_source const& source, look_ending const& of, log_level level, std::string_view line
)
{
    bool const are_builds = std::get<watched_thing>(of.key) == watched_thing::builds;
    with_.log.write(
        level,
        line,
        {{"source", source.name},
         {"link", source.link.id.value},
         {"repository", of.full_name},
         {"pull_request", std::get<std::int64_t>(of.key)},
         {"of", are_builds ? "builds" : "comments"},
         {"fault", fault_word(of)},
         {"why", of.held_until ? "the budget has no room for its tasks" : of.said.why.message},
         {"do", advice_on(fault_word(of), source.link.id.value)}}
    );
}

// A change may have come meanwhile, and with it a new window.
asio::awaitable<result<bool>> watch_loop::give_up(place_key key, look_retry failed)
{
    auto const [instance, repository, pull_request, what] = key;
    watch_place of;
    of.instance = instance;
    of.repository = repository;
    of.pull_request = pull_request;
    bool const are_builds = what == watched_thing::builds;
    std::function<result<bool>(transaction&)> const work = [of, are_builds, failed](transaction& tx
                                                           ) -> result<bool>
    {
        std::optional<time_point> window_end;
        if (are_builds)
        {
            auto const found = find_build_watch(tx, of);
            if (!found)
                return found.error();
            if (*found)
                window_end = (*found)->state.pushed_at + build_window;
        }
        else
        {
            auto const found = find_watch(tx, of);
            if (!found)
                return found.error();
            if (*found)
                window_end = (*found)->state.changed_at + watch_end;
        }
        if (!window_end || !gives_up(failed, *window_end, tx.now()))
            return false;
        if (auto const done = are_builds ? end_build_watch(tx, of) : end_watch(tx, of); !done)
            return done.error();
        return true;
    };
    co_return co_await with_.store.write<bool>(work);
}

}  // namespace linkspan
