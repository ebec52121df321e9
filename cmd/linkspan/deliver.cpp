#include "cmd/linkspan/deliver.hpp"

#include "store/uses.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{
namespace
{

constexpr std::size_t sends_max = 16;  // of one destination at once: services limit by channel, not by us
constexpr int tries_at_rest_max = 3;   // to store what was sent, while the program stops
constexpr milliseconds token_wait{30'000};  // for a token of which nobody knows when it is tried again

std::optional<link_use> use_of(open_link const* link, outcome const& ended)
{
    if (link == nullptr)
        return std::nullopt;
    link_use use;
    use.link = link->id;
    use.label = link->name.value_or(link->id.value);
    use.actor = daemon_actor;
    use.action = "send";
    use.is_failure = ended.kind != outcome_kind::accepted;
    if (use.is_failure)
        use.detail = ended.detail;
    return use;
}

// What the lack of a token means for a message: nothing was sent, and the message is not at fault. Where no
// person is needed the destination pauses, until the link may have its next token.
outcome without_token(error const& why, milliseconds wait)
{
    bool const needs_person = why.code == errc::unauthorized || why.code == errc::invalid;
    outcome out(needs_person ? outcome_kind::rejected_destination : outcome_kind::retry_after, why.message);
    if (needs_person)
        out.advice = "authorize the link again with linkspan start-oauth, or mend its fields";
    else
        out.wait = wait;
    return out;
}

}  // namespace

deliver_loop::deliver_loop(parts with, config const& settings)
    : with_(std::move(with)),
      schedule_(schedule_of(settings.server)),
      links_(std::make_shared<link_directory>()),
      work_(with_.clock)
{
    for (auto const& one : settings.destinations)
        destinations_[one.name].settings = one;
}

void deliver_loop::wake(lane const& on, time_point due)
{
    if (busy_.contains(on))
    {
        again_.insert(on);
        return;
    }
    auto const [place, is_new] = due_.emplace(on, due);
    if (!is_new)
    {
        if (place->second <= due)
            return;
        by_time_.erase({place->second, on});
        place->second = due;
    }
    by_time_.emplace(due, on);
}

void deliver_loop::planned(std::vector<lane> const& lanes)
{
    auto const now = with_.clock.now();
    for (auto const& one : lanes)
        // A lane at rest with a later time has a head that waits: it is not overtaken.
        if (!due_.contains(one))
            wake(one, now);
    work_.notify();
}

void deliver_loop::use(std::shared_ptr<link_directory const> links)
{
    links_ = std::move(links);
    for (auto& [name, to] : destinations_)
    {
        auto const* link = links_->find(to.settings.link);
        if (to.is_held && link != nullptr && link->updated_at != to.link_updated_at)
        {
            to.look_at = with_.clock.now();
            for (auto const& [on, due] : std::map(due_))
                if (on.destination == name)
                    wake(on, to.look_at);
        }
    }
    work_.notify();
}

void deliver_loop::rest()
{
    is_resting_ = true;
}

std::size_t deliver_loop::held_destinations() const
{
    std::size_t count = 0;
    for (auto const& [name, to] : destinations_)
        count += to.is_held ? 1 : 0;
    return count;
}

boost::asio::awaitable<result<>> deliver_loop::load()
{
    using found = std::pair<std::vector<waiting_lane>, std::vector<hold>>;
    std::function<result<found>(transaction&)> work = [](transaction& tx) -> result<found>
    {
        auto lanes = waiting_lanes(tx);
        if (!lanes)
            return lanes.error();
        auto holds = list_holds(tx);
        if (!holds)
            return holds.error();
        return found(std::move(*lanes), std::move(*holds));
    };
    auto const loaded = co_await with_.store.read<found>(std::move(work));
    if (!loaded)
        co_return loaded.error();
    for (auto const& held : loaded->second)
        if (auto const place = destinations_.find(held.destination); place != destinations_.end())
        {
            // A restart is a good moment to look: somebody may have mended it.
            place->second.is_held = true;
            place->second.look_at = with_.clock.now();
        }
    for (auto const& one : loaded->first)
        wake(one.lane, one.due_at);
    co_return result<>();
}

boost::asio::awaitable<void> deliver_loop::run()
{
    for (;;)
    {
        auto const loaded = co_await load();
        if (loaded)
            break;
        with_.log.error("deliver waits", {{"why", loaded.error().message}});
        co_await with_.clock.wait_until(with_.clock.now() + wait_for_store);
    }
    for (;;)
    {
        dispatch();
        auto const next = by_time_.empty() ? time_point::max() : by_time_.begin()->first;
        co_await work_.wait_until(next);
    }
}

// Starts every lane that is due and may run; the others get the time at which they may.
void deliver_loop::dispatch()
{
    auto const now = with_.clock.now();
    while (!is_resting_ && !by_time_.empty() && by_time_.begin()->first <= now)
    {
        auto const on = by_time_.begin()->second;
        by_time_.erase(by_time_.begin());
        due_.erase(on);
        auto const place = destinations_.find(on.destination);
        if (place == destinations_.end())
        {
            // Kept in the store: the destination may come back with the next configuration.
            if (unknown_told_.insert(on.destination).second)
                with_.log.warning(
                    "messages wait for a destination that the configuration does not have",
                    {{"destination", on.destination}}
                );
            continue;
        }
        auto& to = place->second;
        if (!may_start(to, on, now))
            continue;
        ++to.busy;
        busy_.insert(on);
        with_.sends.spawn("send to " + on.destination, run_lane(on));
    }
}

bool deliver_loop::may_start(destination& to, lane const& on, time_point now)
{
    if (to.paused_until > now)
    {
        wake(on, to.paused_until);
        return false;
    }
    if (to.is_held)
    {
        if (to.probe || to.look_at > now)
        {
            // Behind a probe: it ends, and then either all go on or a new time to look is known.
            wake(on, to.probe ? now + schedule_.hold_wait : to.look_at);
            return false;
        }
        to.probe = on;
        return true;
    }
    if (to.busy >= sends_max)
    {
        if (to.is_crowded.insert(on).second)
            to.crowded.push_back(on);
        return false;
    }
    return true;
}

// One step in the store: the settled attempt's verdict, what it means for the destination, and the next head.
boost::asio::awaitable<result<next_in_lane>> deliver_loop::step(
    lane on, std::optional<settled_delivery> settled, bool lifts
)
{
    auto const& to = destinations_.find(on.destination)->second;
    bool const fails = settled && settled->decided.kind == verdict_kind::hold;
    bool const stays_held = settled && to.is_held && !lifts;
    bool const only_settle =
        is_resting_ || fails || stays_held || (settled && to.paused_until > with_.clock.now());
    auto const schedule = schedule_;
    std::optional<link_use> use;
    if (settled)
        use = use_of(links_->find(to.settings.link), settled->result);
    std::function<result<next_in_lane>(transaction&)> work =
        [on, settled, schedule, only_settle, fails, lifts, use](transaction& tx) -> result<next_in_lane>
    {
        if (use)
            if (auto const noted = record_use(tx, *use); !noted)
                return noted.error();
        if (fails)
        {
            hold held;
            held.destination = on.destination;
            held.reason = settled->result.detail;
            held.advice = settled->result.advice;
            held.since_at = tx.now();
            held.look_at = settled->decided.due_at;
            if (auto const done = put_hold(tx, held); !done)
                return done.error();
        }
        if (lifts)
            if (auto const done = lift_hold(tx, on.destination); !done)
                return done.error();
        return advance(tx, on, settled, schedule, only_settle);
    };
    co_return co_await with_.store.write<next_in_lane>(std::move(work));
}

// Tries again what a full disk or a busy database has refused. At rest too: what was sent and is not stored
// as sent would be sent twice.
boost::asio::awaitable<result<next_in_lane>> deliver_loop::persist(
    lane on, std::optional<settled_delivery> settled, bool lifts
)
{
    for (int tries_at_rest = 0;;)
    {
        auto next = co_await step(on, settled, lifts);
        if (next)
            co_return next;
        with_.log.error("deliver waits", {{"destination", on.destination}, {"why", next.error().message}});
        bool const gives_up = is_resting_ && (!settled || ++tries_at_rest == tries_at_rest_max);
        if (gives_up || !is_passing(next.error()))
            co_return next;
        co_await with_.clock.wait_until(with_.clock.now() + wait_for_store);
    }
}

boost::asio::awaitable<void> deliver_loop::run_lane(lane on)
{
    auto& to = destinations_.find(on.destination)->second;
    std::optional<settled_delivery> settled;
    for (;;)
    {
        // Asked once: another lane may learn something while this one waits, and the store and we must not
        // differ.
        bool const lifts = settled && to.is_held && settled->result.kind == outcome_kind::accepted;
        auto const next = co_await persist(on, settled, lifts);
        if (!next)
        {
            // A fault of the row would not pass by waiting; the lane rests until the next start.
            end_lane(to, on, std::nullopt);
            co_return;
        }
        if (settled)
            learn(to, on, *settled, lifts);
        settled.reset();
        if (!next->begun)
        {
            end_lane(to, on, next->due_at);
            co_return;
        }
        auto const now_sent = co_await send(to, *next->begun);
        auto& ended = settled.emplace();
        ended.id = next->begun->id;
        ended.attempt = next->begun->progress.attempts;
        ended.result = now_sent;
        ended.decided = settle(next->begun->progress, now_sent, schedule_, with_.clock.now());
        with_.counts.count_attempt(on.destination, now_sent.kind);
        auto const level = ended.decided.kind == verdict_kind::done   ? log_level::debug
                           : ended.decided.kind == verdict_kind::dead ? log_level::error
                                                                      : log_level::warning;
        if (with_.log.wants(level))
            with_.log.write(
                level,
                "message " + std::string(name_of(ended.decided.kind)),
                {{"destination", on.destination},
                 {"link", to.settings.link},
                 {"event", next->begun->event.id.value},
                 {"delivery", ended.id.value},
                 {"attempt", std::int64_t(ended.attempt)},
                 {"outcome", name_of(now_sent.kind)},
                 {"why", now_sent.detail}}
            );
    }
}

boost::asio::awaitable<outcome> deliver_loop::send(destination const& to, begun_delivery const& next)
{
    auto const links = links_;
    auto const* link = links->find(to.settings.link);
    if (link == nullptr || link->kind->send == nullptr)
    {
        outcome missing(
            outcome_kind::rejected_destination, "link " + to.settings.link + " is not there or cannot send"
        );
        missing.advice =
            "make the link again, or correct [[destination]] in the configuration; see linkspan check";
        co_return missing;
    }
    message_request request;
    request.event = next.event;
    request.story = next.story;
    request.fields = link->fields;
    request.channel = to.settings.channel;
    request.attempt = next.progress.attempts;
    if (link->kind->oauth != nullptr)
        co_return co_await send_with_token(*link, std::move(request));
    co_return co_await link->kind->send(with_.services, std::move(request));
}

// Until the link's token is tried again; no longer than a held destination waits, since a person may mend it.
milliseconds deliver_loop::wait_for_token(link_id const& link) const
{
    auto const retry_at = with_.keeper.retry_at(link);
    return std::min(retry_at ? *retry_at - with_.clock.now() : token_wait, schedule_.hold_wait);
}

// A refused token means one refresh and one retry: the refusal says that the message was not taken.
boost::asio::awaitable<outcome> deliver_loop::send_with_token(open_link link, message_request request)
{
    auto token = co_await with_.keeper.token_of(link);
    if (!token)
        co_return without_token(token.error(), wait_for_token(link.id));
    request.fields["access_token"] = token->tokens.access_token;
    auto ended = co_await link.kind->send(with_.services, request);
    if (ended.token_refused)
    {
        token = co_await with_.keeper.token_instead_of(link, token->generation);
        if (!token)
            co_return without_token(token.error(), wait_for_token(link.id));
        request.fields["access_token"] = token->tokens.access_token;
        ended = co_await link.kind->send(with_.services, std::move(request));
        if (ended.token_refused)
            // Its answer is an error: the link is told to need a person.
            (void)co_await with_.keeper.token_instead_of(link, token->generation);
    }
    if (ended.kind == outcome_kind::accepted)
        co_await with_.keeper.worked(link, token->generation);
    co_return ended;
}

// What an outcome means for the other lanes of its destination.
void deliver_loop::learn(destination& to, lane const& on, settled_delivery const& settled, bool lifts)
{
    auto const now = with_.clock.now();
    if (settled.decided.kind == verdict_kind::hold)
    {
        if (!to.is_held)
            with_.log.error(
                "destination held",
                {{"destination", on.destination},
                 {"why", settled.result.detail},
                 {"do", settled.result.advice}}
            );
        to.is_held = true;
        to.look_at = settled.decided.due_at;
        if (auto const* link = links_->find(to.settings.link))
            to.link_updated_at = link->updated_at;
        return;
    }
    if (settled.result.kind == outcome_kind::retry_after && settled.result.wait)
        to.paused_until = std::max(to.paused_until, settled.decided.due_at);
    if (lifts)
    {
        to.is_held = false;
        with_.log.info("destination works again", {{"destination", on.destination}});
        for (auto const& [waiting, due] : std::map(due_))
            if (waiting.destination == on.destination)
                wake(waiting, now);
    }
}

void deliver_loop::end_lane(destination& to, lane const& on, std::optional<time_point> due_at)
{
    auto const now = with_.clock.now();
    busy_.erase(on);
    --to.busy;
    if (to.probe == on)
    {
        to.probe.reset();
        for (auto const& [waiting, due] : std::map(due_))
            if (waiting.destination == on.destination)
                wake(waiting, to.is_held ? to.look_at : now);
    }
    bool const has_more = again_.erase(on) > 0;
    if (due_at)
        wake(on, *due_at);
    else if (has_more)
        wake(on, now);
    wake_crowded(to, now);
    work_.notify();
}

// As many as there is room for, so that a long line is not gone through for each message; all, where none may
// send now and each is to get its time.
void deliver_loop::wake_crowded(destination& to, time_point now)
{
    auto room = to.may_send(now) ? sends_max - std::min(to.busy, sends_max) : to.crowded.size();
    for (; room > 0 && !to.crowded.empty(); --room)
    {
        auto const next = std::move(to.crowded.front());
        to.crowded.pop_front();
        to.is_crowded.erase(next);
        wake(next, now);
    }
}

}  // namespace linkspan
