#include "cmd/linkspan/digest.hpp"

#include "cmd/linkspan/event_plan.hpp"
#include "cmd/linkspan/link_directory.hpp"
#include "core/base/http_time.hpp"
#include "core/bitbucket/digest.hpp"
#include "core/bitbucket/reading.hpp"
#include "core/conversation/story.hpp"
#include "core/watch/gap.hpp"
#include "store/event_core.hpp"
#include "store/events.hpp"
#include "store/folds.hpp"
#include "store/links.hpp"
#include "store/uses.hpp"
#include "store/vault.hpp"
#include "store/watches.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace linkspan
{
namespace
{

constexpr std::size_t batch_rows_max = 32;        // keeps the transaction under 10 ms
constexpr std::size_t batch_bytes_max = 1 << 20;  // and its reading under 20 ms
constexpr int tries_max = 3;

// While so many writes wait for a commit, senders wait for their answers: digest then rests between two
// batches. It never stops: some 1,000 rows a second go on. More than the 16 lanes of a destination have,
// which digest feeds.
constexpr std::size_t crowd_min = 20;
constexpr milliseconds crowd_wait{60};

constexpr std::size_t reason_bytes_max = 500;

constexpr milliseconds missed_pause{3'600'000};  // between two words about webhooks of one repository

struct read_row
{
    inbox_row row;
    result<reading> said = error(errc::internal, "not read");
};

event_id new_event_id(time_point now)
{
    std::array<std::uint8_t, 10> random{};
    fill_random(random);
    return make_event_id(now, random);
}

// What digesting one row did.
struct digested_row
{
    inbox_id id;
    inbox_state state = inbox_state::digested;
    std::string reason;
    std::vector<event_kind> kinds;
    std::vector<metrics::event_source> sources;  // of the same events
    event_origin origin = event_origin::webhook;
    std::vector<event> missed;  // found by asking, though a webhook tells such
    bool has_armed = false;     // a watch began, or took in a change
    bool has_more = false;      // the row stays pending: more of it is told in another transaction
};

// What bears on every row alike.
struct digest_settings
{
    rule_set const& rules;
    std::set<std::string> const& watched_instances;
    std::set<std::string> const& folding;
};

metrics::event_source source_of(event const& happening)
{
    return {happening.instance, happening.repository ? happening.repository->full_name : std::string()};
}

// How far our clock is ahead of the service's, as the answer shows; it was under way meanwhile.
milliseconds lead_of(read_row const& read)
{
    return read.said->look ? read.row.received_at - read.said->look->asked_at : milliseconds(0);
}

result<digested_row> digest_row(
    transaction& tx, read_row const& read, digest_settings const& with, planned_event& planned
)
{
    digested_row out;
    out.id = read.row.id;
    out.origin = read.row.origin;
    if (!read.said)
    {
        out.state =
            read.said.error().code == errc::not_found ? inbox_state::unrecognised : inbox_state::unreadable;
        out.reason = read.said.error().message.substr(0, reason_bytes_max);
        if (auto const marked = mark(tx, out.id, out.state, out.reason); !marked)
            return marked.error();
        return out;
    }
    auto const known = known_about(tx, read.row.instance, *read.said);
    if (!known)
        return known.error();
    digest_context context;
    context.edition = read.row.edition;
    context.instance = read.row.instance;
    context.origin = read.row.origin;
    context.received_at = read.row.received_at;
    context.raw = read.row.id;
    auto made = digest(*read.said, *known, context);
    std::vector<event_row> story;
    bool const is_watched = with.watched_instances.contains(read.row.instance);
    for (auto& happening : made.events)
    {
        happening.id = new_event_id(tx.now());
        auto const stored = insert_event(tx, happening);
        if (!stored)
            return stored.error();
        if (!*stored)
            continue;
        out.kinds.push_back(happening.kind);
        out.sources.push_back(source_of(happening));
        story.push_back(**stored);
        auto const done = plan_event(tx, **stored, happening, with.rules, is_watched, planned);
        if (!done)
            return done.error();
        if (!is_watched)
            continue;
        if (is_missed(happening, lead_of(read)))
            out.missed.push_back(happening);
        auto const armed = apply_to_watch(tx, happening, lead_of(read));
        if (!armed)
            return armed.error();
        out.has_armed = out.has_armed || *armed;
    }
    if (read.said->look && read.said->look->folds)
        if (auto const done = fold_deliveries(tx, story, with.folding, story_events_min); !done)
            return done.error();
    if (auto const done = remember(tx, read.row.instance, *read.said, *known, made); !done)
        return done.error();
    // As long as it tells something new: each turn gets further.
    if (made.has_more && !out.kinds.empty())
    {
        out.has_more = true;
        if (auto const done = uncount_attempt(tx, {out.id}); !done)
            return done.error();
        return out;
    }
    // Most looks show nothing new. What they moved is remembered; their rows would only fill the disk.
    bool const is_forgotten = read.row.origin != event_origin::webhook && out.kinds.empty();
    auto const done = is_forgotten ? forget_inbox_row(tx, out.id) : mark(tx, out.id, inbox_state::digested);
    if (!done)
        return done.error();
    return out;
}

// The links that the batch came through: their webhook secrets have proved who sends. What was asked for is a
// use of the link that asked.
result<> record_uses(transaction& tx, std::vector<read_row> const& rows)
{
    std::map<std::string_view, std::int64_t> counts;
    for (auto const& one : rows)
        if (one.row.origin == event_origin::webhook)
            ++counts[one.row.link];
    for (auto const& [link, count] : counts)
    {
        link_use use;
        use.link = link_id(std::string(link));
        auto const row = find_link(tx, link);
        use.label = row && row->name ? *row->name : use.link.value;
        use.actor = daemon_actor;
        use.action = "receive";
        use.count = count;
        if (auto const noted = record_use(tx, use); !noted)
            return noted;
    }
    return {};
}

}  // namespace

struct digest_loop::batch
{
    std::vector<read_row> rows;
    std::vector<digested_row> done;
    planned_event planned;

    std::vector<inbox_id> ids() const
    {
        std::vector<inbox_id> out;
        for (auto const& one : rows)
            out.push_back(one.row.id);
        return out;
    }
};

digest_loop::digest_loop(parts with, rule_set rules)
    : with_(std::move(with)),
      rules_(std::move(rules)),
      work_(with_.clock),
      counted_(std::make_shared<batch>())
{
}

void digest_loop::rest()
{
    is_resting_ = true;
    work_.notify();
}

boost::asio::awaitable<void> digest_loop::clear_suspects()
{
    only_suspects_ = true;
    for (;;)
    {
        auto const more = co_await digest_next();
        if (!more)
            with_.log.error("digest waits", {{"why", more.error().message}});
        if (!more || !*more)
            break;
    }
    only_suspects_ = false;
}

boost::asio::awaitable<void> digest_loop::run()
{
    while (!is_resting_)
    {
        auto const more = co_await digest_next();
        if (!more)
        {
            with_.log.error("digest waits", {{"why", more.error().message}});
            co_await with_.clock.wait_until(with_.clock.now() + wait_for_store);
        }
        else if (!*more)
        {
            is_waiting_ = true;
            co_await work_.wait_until(time_point::max());
            is_waiting_ = false;
        }
        else if (with_.store.queued_writes() > crowd_min)
            co_await with_.clock.wait_until(with_.clock.now() + crowd_wait);
    }
    // What was counted is not tried any more: a start must not take it for rows that ended the process.
    auto const uncounted = co_await uncount(counted_);
    if (!uncounted)
        with_.log.warning("digest ends with counted rows", {{"why", uncounted.error().message}});
}

// One turn: reads the batch that has been counted, and looks for the one behind it. Then one transaction
// digests the first and counts the second: a body that ends the process was counted before it was read, and
// is not met for ever.
boost::asio::awaitable<result<bool>> digest_loop::digest_next()
{
    auto const taken = std::exchange(counted_, std::make_shared<batch>());
    auto const upcoming = std::make_shared<batch>();
    // Reading is CPU work: it happens on the reader's thread, beside the loop.
    look_at what;
    what.only_suspects = only_suspects_;
    // Behind the rows in hand nothing is counted then: the turn after this one looks from the first row.
    what.no_upcoming = std::exchange(starts_over_, false) && !taken->rows.empty();
    std::function<result<bool>(transaction&)> read = [taken, upcoming, what](transaction& tx)
    { return look(tx, *taken, *upcoming, what); };
    if (auto const done = co_await with_.store.read<bool>(std::move(read)); !done)
    {
        counted_ = taken;
        co_return done.error();
    }
    if (taken->rows.empty() && upcoming->rows.empty())
        co_return false;
    if (taken->rows.empty() && upcoming->rows.front().row.attempts >= tries_max)
    {
        auto const aside = co_await set_aside(
            upcoming->rows.front().row, "the program ended each time that it was digested; please report it"
        );
        if (!aside)
            co_return aside.error();
        co_return true;
    }

    auto const written = co_await write_batch(taken, upcoming);
    if (!written)
    {
        if (taken->rows.empty())
            co_return written.error();
        auto const handled = co_await after_failure(taken, written.error());
        if (!handled)
            co_return handled.error();
        co_return true;
    }
    counted_ = upcoming;
    tell(*taken);
    co_return true;
}

result<bool> digest_loop::look(transaction& tx, batch& taken, batch& upcoming, look_at what)
{
    inbox_id last;
    for (auto& one : taken.rows)
    {
        inbound delivery;
        delivery.edition = one.row.edition;
        delivery.event_key = one.row.event_key;
        delivery.body = one.row.body;
        delivery.event_time = parse_http_time(one.row.event_time);
        delivery.origin = one.row.origin;
        one.said = read_delivery(delivery);
        last = one.row.id;
    }
    if (what.no_upcoming)
        return true;
    // Rows that were queued again may stand in front of suspects.
    int const attempts_min = what.only_suspects ? 1 : 0;
    auto rows = pending_rows(tx, batch_rows_max, batch_bytes_max, last, attempts_min);
    if (!rows)
        return rows.error();
    // A row that was tried before has a turn of its own, and is not counted before it.
    if (!taken.rows.empty() && !rows->empty() && rows->front().attempts > 0)
        return true;
    for (auto& row : *rows)
    {
        auto& next = upcoming.rows.emplace_back();
        next.row = std::move(row);
    }
    return true;
}

boost::asio::awaitable<result<>> digest_loop::write_batch(
    std::shared_ptr<batch> taken, std::shared_ptr<batch> upcoming
)
{
    auto const rules = rules_;
    auto const watched = watched_instances_;
    auto const folding = folding_;
    std::function<result<bool>(transaction&)> work =
        [taken, upcoming, rules, watched, folding](transaction& tx) -> result<bool>
    {
        digest_settings const settings{rules, watched, folding};
        taken->done.clear();
        taken->planned = planned_event();
        for (auto const& one : taken->rows)
        {
            auto done = digest_row(tx, one, settings, taken->planned);
            if (!done)
                return done.error();
            taken->done.push_back(std::move(*done));
        }
        if (auto const noted = record_uses(tx, taken->rows); !noted)
            return noted.error();
        auto const counted = count_attempt(tx, upcoming->ids());
        if (!counted)
            return counted.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(std::move(work));
    if (!done)
        co_return done.error();
    co_return result<>();
}

// A batch that failed comes back row by row (pending_rows), so that one bad row takes no neighbour with it.
boost::asio::awaitable<result<>> digest_loop::after_failure(std::shared_ptr<batch> taken, error failure)
{
    with_.counts.count_digested("failed");
    with_.log.error(
        "digest failed",
        {{"delivery", taken->rows.front().row.id.value},
         {"rows", static_cast<std::int64_t>(taken->rows.size())},
         {"why", failure.message}}
    );
    if (is_passing(failure))
    {
        // Counted they are already: the next turn tries them without counting. To take the count back would
        // need the store that has just failed, and three such hours would set aside what is no row's fault.
        counted_ = taken;
        co_return failure;
    }
    auto const& first = taken->rows.front().row;
    if (taken->rows.size() == 1 && first.attempts + 1 >= tries_max)
        co_return co_await set_aside(first, "it could not be digested: " + failure.message);
    co_return result<>();
}

boost::asio::awaitable<result<>> digest_loop::uncount(std::shared_ptr<batch> taken)
{
    if (taken->rows.empty())
        co_return result<>();
    std::function<result<bool>(transaction&)> work = [taken](transaction& tx) -> result<bool>
    {
        auto const done = uncount_attempt(tx, taken->ids());
        if (!done)
            return done.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(std::move(work));
    if (!done)
        co_return done.error();
    co_return result<>();
}

boost::asio::awaitable<result<>> digest_loop::set_aside(inbox_row const& row, std::string reason)
{
    auto const id = row.id;
    auto const link = row.link;
    std::function<result<bool>(transaction&)> work = [id, reason](transaction& tx) -> result<bool>
    {
        auto const marked = mark(tx, id, inbox_state::unreadable, reason.substr(0, reason_bytes_max));
        if (!marked)
            return marked.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(std::move(work));
    if (!done)
        co_return done.error();
    with_.counts.count_digested("unreadable");
    with_.log.error("delivery set aside", {{"link", link}, {"delivery", id.value}, {"why", reason}});
    co_return result<>();
}

void digest_loop::tell(batch const& done)
{
    bool has_armed = false;
    for (auto const& one : done.done)
    {
        has_armed = has_armed || one.has_armed;
        if (one.has_more)
            starts_over_ = true;
        else
            with_.counts.count_digested(name_of(one.state));
        for (auto const kind : one.kinds)
            with_.counts.count_event(name_of(kind));
        for (auto const& source : one.sources)
            with_.counts.count_source(source, name_of(one.origin));
        for (auto const& missed : one.missed)
            tell_missed(missed);
        if (one.state != inbox_state::digested)
            with_.log.warning(
                "delivery set aside",
                {{"delivery", one.id.value}, {"state", name_of(one.state)}, {"why", one.reason}}
            );
    }
    auto const& lanes = done.planned.lanes;
    if (!lanes.empty())
        with_.on_planned(std::vector<lane>(lanes.begin(), lanes.end()));
    if (done.planned.waits)
        with_.on_waiting();
    if (has_armed)
        with_.on_armed();
}

// Of each repository once in a while: an outage would fill the log.
void digest_loop::tell_missed(event const& missed)
{
    if (!webhook_instances_.contains(missed.instance))
        return;
    with_.counts.count_missed(missed.origin == event_origin::poll ? "watching" : "catch_up");
    with_.counts.tell_lateness(source_of(missed), missed.received_at - missed.occurred_at);
    auto const now = with_.clock.now();
    auto const repository = missed.repository ? missed.repository->full_name : std::string();
    auto const [told, is_new] = told_missed_.emplace(missed.instance + " " + repository, now);
    if (!is_new && now - told->second < missed_pause)
        return;
    told->second = now;
    with_.log.warning(
        "a webhook did not come",
        {{"instance", missed.instance},
         {"repository", repository},
         {"kind", name_of(missed.kind)},
         {"event", missed.id.value},
         {"late_seconds",
          std::chrono::duration_cast<seconds>(missed.received_at - missed.occurred_at).count()},
         {"do",
          "see linkspan gaps; in Bitbucket, look at the hook: is it active with all triggers, do its URL and "
          "secret fit (Data Center stops calling one after five failures)"}}
    );
}

}  // namespace linkspan
