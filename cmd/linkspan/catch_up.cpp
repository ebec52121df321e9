#include "cmd/linkspan/catch_up.hpp"

#include "cmd/linkspan/api_advice.hpp"
#include "store/budgets.hpp"
#include "store/event_core.hpp"
#include "store/watches.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr milliseconds look_again_wait{600'000};    // nothing may be due for longer, but the clock may be set
constexpr milliseconds list_again_wait{3'600'000};  // repositories are seldom made

// Of one source: a repository with many pull requests does not hold up the others, and the budget is shared.
constexpr int crawls_at_once_max = 4;

constexpr int failed_looks_max = 5;  // of one pull request, in a row

// Behind so many failures in a row.
milliseconds wait_to_list_again(int failures)
{
    auto wait = crawl_retry_min;
    for (int i = 1; i < failures && wait < look_again_wait; ++i)
        wait *= 2;
    return std::min(wait, look_again_wait);
}

}  // namespace

catch_up_loop::catch_up_loop(parts with) : with_(std::move(with)), work_(with_.clock) {}

void catch_up_loop::use(std::vector<polled_source> sources)
{
    // Most commits of other processes change no link of a source.
    auto const unchanged = unchanged_sources(sources_, sources);
    sources_ = std::move(sources);
    for (auto& [name, state] : by_source_)
        if (!unchanged.contains(name))
            state.list_at = time_point();
    wake();
}

void catch_up_loop::expect_losses(std::optional<std::string> const& instance)
{
    auto const at = with_.clock.now() + loss_wait;
    for (auto& [key, known] : known_)
        if (!instance || key.first == *instance)
            known.state.wanted_at = at;
    wake();
}

asio::awaitable<void> catch_up_loop::run()
{
    for (;;)
    {
        auto next = with_.clock.now() + look_again_wait;
        for (auto const& source : sources_)
            next = std::min(next, dispatch(source));
        is_waiting_ = true;
        co_await work_.wait_until(next);
        is_waiting_ = false;
    }
}

int catch_up_loop::requests_of(polled_source const& source)
{
    int sum = 0;
    for (auto const& name : by_source_[source.name].names)
        sum += known_[{source.instance, name}].state.requests;
    return sum;
}

// Begins what is due, the longest overdue first, and returns when the next is.
time_point catch_up_loop::dispatch(polled_source const& source)
{
    auto const now = with_.clock.now();
    auto& state = by_source_[source.name];
    if (is_resting_ || state.is_listing)
        return time_point::max();
    if (state.list_at <= now)
    {
        state.is_listing = true;
        with_.crawls.spawn("listing of source " + source.name, list(source));
        return time_point::max();
    }
    auto const poll = poll_beat(requests_of(source), state.limit);
    auto next = state.list_at;
    std::vector<std::pair<time_point, std::string>> due;
    for (auto const& name : state.names)
    {
        auto& known = known_[{source.instance, name}];
        known.state.is_poll_only = source.is_poll_only;
        if (known.is_busy)
            continue;
        auto const at = next_crawl_at(known.state, with_.beats, poll);
        if (at <= now)
            due.emplace_back(at, name);
        else
            next = std::min(next, at);
    }
    std::ranges::sort(due);
    for (auto const& [at, name] : due)
    {
        // The end of one that is on its way looks again.
        if (state.crawls == crawls_at_once_max)
            break;
        ++state.crawls;
        known_[{source.instance, name}].is_busy = true;
        with_.crawls.spawn("catching up with " + name, crawl_one(source, name));
    }
    return next;
}

crawler catch_up_loop::make_crawler(polled_source const& source, std::string full_name)
{
    return crawler(crawler::parts{
        with_.asker,
        with_.clock,
        [this](inbox_entry row) { return keep(std::move(row)); },
        [this, source](crawl_progress const& so_far) { note_pause(source, so_far); },
        [this, instance = source.instance, full_name = std::move(full_name)](std::string repository)
        { return known_open(instance, full_name, std::move(repository)); },
        [this, instance = source.instance](std::string repository, std::int64_t pull_request)
        { return has_open_tasks(instance, std::move(repository), pull_request); }});
}

// Where the store does not answer none: they are asked about the next time. What nobody has is asked about
// again by the next sweep, and what failed stands behind the others.
asio::awaitable<std::vector<std::int64_t>> catch_up_loop::known_open(
    std::string instance, std::string full_name, std::string repository
)
{
    using numbers = std::vector<std::int64_t>;
    std::function<result<numbers>(transaction&)> const work =
        [instance, repository = std::move(repository)](transaction& tx)
    { return open_pull_requests(tx, instance, repository); };
    auto const known = co_await with_.store.read<numbers>(work);
    auto out = known ? *known : numbers();
    auto const& state = known_[{instance, full_name}];
    std::erase_if(out, [&](std::int64_t id) { return state.gone.contains(id); });
    std::ranges::stable_partition(out, [&](std::int64_t id) { return !state.failed.contains(id); });
    co_return out;
}

// Where the store does not answer they are asked for.
asio::awaitable<bool> catch_up_loop::has_open_tasks(
    std::string instance, std::string repository, std::int64_t pull_request
)
{
    watch_place of;
    of.instance = std::move(instance);
    of.repository = std::move(repository);
    of.pull_request = pull_request;
    std::function<result<std::int64_t>(transaction&)> const work = [of = std::move(of)](transaction& tx)
    { return count_open_tasks(tx, of); };
    auto const known = co_await with_.store.read<std::int64_t>(work);
    co_return !known || *known != 0;
}

// Several crawls of a source meet the same refusal: one of them tells.
void catch_up_loop::note_pause(polled_source const& source, crawl_progress const& so_far)
{
    auto const until = so_far.held_until ? so_far.held_until : so_far.again_at;
    if (!until)
        return;
    auto& told_until = by_source_[source.name].told_refusal_until;
    if (so_far.is_refused && told_until <= with_.clock.now())
    {
        told_until = *until;
        with_.log.warning(
            "a source wants to be asked less",
            {{"source", source.name},
             {"link", source.link.id.value},
             {"until", to_rfc3339(*until)},
             {"do", advice_on(bitbucket::name_of(bitbucket::api_fault::rate_limited), source.link.id.value)}}
        );
    }
    std::erase_if(pauses_, [now = with_.clock.now()](time_point end) { return end <= now; });
    pauses_.push_back(*until);
}

std::size_t catch_up_loop::paused() const
{
    auto const is_ahead = [now = with_.clock.now()](time_point end) { return end > now; };
    return static_cast<std::size_t>(std::ranges::count_if(pauses_, is_ahead));
}

asio::awaitable<int> catch_up_loop::read_limit(polled_source source)
{
    std::function<result<budget>(transaction&)> const work =
        [link = source.link.id, resource = resource_of(source.edition)](transaction& tx)
    { return load_budget(tx, link, resource); };
    auto const held = co_await with_.store.read<budget>(work);
    co_return held ? hourly_limit(*held) : repositories_per_hour;
}

asio::awaitable<void> catch_up_loop::list(polled_source source)
{
    // What is known goes on to be asked: a list that fails proves nothing gone.
    auto known = co_await heard_of(source);
    auto found = known;
    if (source.names_any())
    {
        auto reads = make_crawler(source, {});
        found = co_await reads.repositories_of(source, priority::catch_up);
    }
    auto const limit = co_await read_limit(source);
    auto& state = by_source_[source.name];
    state.limit = limit;
    auto& names = state.names;
    if (found.ended.fault == bitbucket::api_fault::none)
    {
        names = found.full_names;
        state.failures = 0;
        state.list_at = with_.clock.now() + (source.names_any() ? list_again_wait : look_again_wait);
    }
    else
    {
        names.insert(names.end(), found.full_names.begin(), found.full_names.end());
        names.insert(names.end(), known.full_names.begin(), known.full_names.end());
        std::ranges::sort(names);
        names.erase(std::unique(names.begin(), names.end()), names.end());
        state.list_at = with_.clock.now() + wait_to_list_again(++state.failures);
        with_.log.warning(
            "the repositories of a source cannot be listed",
            {{"source", source.name},
             {"link", source.link.id.value},
             {"fault", bitbucket::name_of(found.ended.fault)},
             {"why", found.ended.why.message},
             {"do", advice_on(bitbucket::name_of(found.ended.fault), source.link.id.value)}}
        );
    }
    std::erase_if(
        names,
        [&](std::string const& name)
        {
            auto const* asks = source_for(sources_, source.instance, name);
            return asks != nullptr && asks->name != source.name;
        }
    );
    state.is_listing = false;
    wake();
}

// Of a source that names nothing: where webhooks came from.
asio::awaitable<crawler::repository_list> catch_up_loop::heard_of(polled_source source)
{
    std::function<result<std::vector<watched_repository>>(transaction&)> const work = list_watched;
    auto const watched = co_await with_.store.read<std::vector<watched_repository>>(work);
    crawler::repository_list out;
    if (!watched)
    {
        out.ended.fail(bitbucket::api_fault::unavailable, watched.error().message);
        co_return out;
    }
    for (auto const& one : *watched)
    {
        auto const* asks = source_for(sources_, one.instance, one.full_name);
        if (asks != nullptr && asks->name == source.name)
            out.full_names.push_back(one.full_name);
    }
    co_return out;
}

crawl_order catch_up_loop::order_of(polled_source const& source, watched_repository const& row)
{
    auto const now = with_.clock.now();
    auto const& state = by_source_[source.name];
    auto const requests = requests_of(source);
    auto const& known = known_[{source.instance, row.full_name}];
    bool const sweeps = !known.swept_at || now - *known.swept_at >= sweep_beat_for(requests, state.limit);
    crawl_order out;
    out.source = source;
    out.repository = row;
    // One that a broken clock has put into the future would find nothing until then.
    if (row.cursor && *row.cursor > now + date_lead_max)
        out.repository.cursor = row.crawled_at;
    out.reach = !out.repository.cursor ? crawl_reach::open
                : sweeps               ? crawl_reach::swept
                                       : crawl_reach::changed;
    out.who = priority::catch_up;
    out.folds = is_behind_long_outage(
        row.crawled_at, source.is_poll_only, with_.beats, poll_beat(requests, state.limit), now
    );
    return out;
}

asio::awaitable<void> catch_up_loop::crawl_one(polled_source source, std::string full_name)
{
    auto& known = known_[{source.instance, full_name}];
    auto row = co_await open_row(source.instance, full_name);
    known.state.crawled_at = with_.clock.now();
    known.state.wanted_at.reset();
    if (!row)
    {
        ++known.state.failures;
        with_.log.warning(
            "catching up waits for the store", {{"source", source.name}, {"why", row.error().message}}
        );
    }
    else
    {
        auto reads = make_crawler(source, full_name);
        auto const order = order_of(source, *row);
        // A proxy may have said so, or a permission that was missing for a while.
        if (order.reach == crawl_reach::swept)
            known.gone.clear();
        row->cursor = order.repository.cursor;
        auto const began_at = with_.clock.now();
        auto ended = co_await reads.crawl(order);
        // Where the program ends, the row stays as it was.
        if (ended.ended.fault == bitbucket::api_fault::cancelled)
            co_return;
        bool const is_whole = judge(order, *row, ended);
        if (is_whole && order.reach != crawl_reach::changed)
            known.swept_at = began_at;
        co_await close_row(std::move(*row));
    }
    known.is_busy = false;
    auto const limit = co_await read_limit(source);
    auto& state = by_source_[source.name];
    state.limit = limit;
    --state.crawls;
    wake();
}

// Those that failed in this crawl, and how often in a row. One that did not change meanwhile is not looked at
// before the next sweep that reads all: its fault stays.
bool catch_up_loop::count_failed(crawl_order const& order, crawl_report const& ended)
{
    auto& known = known_[{order.source.instance, order.repository.full_name}];
    std::map<std::int64_t, int> failed;
    if (order.reach == crawl_reach::changed || ended.ended.fault != bitbucket::api_fault::none)
        failed = known.failed;
    for (auto const* over : {&ended.read, &ended.gone})
        for (auto const id : *over)
            failed.erase(id);
    bool are_given_up = !ended.failed.empty();
    for (auto const id : ended.failed)
    {
        failed[id] = known.failed[id] + 1;
        are_given_up = are_given_up && failed[id] >= failed_looks_max;
        if (failed[id] == failed_looks_max)
            with_.log.warning(
                "a pull request cannot be caught up with",
                {{"source", order.source.name},
                 {"link", order.source.link.id.value},
                 {"repository", order.repository.full_name},
                 {"pull_request", id},
                 {"fault", bitbucket::name_of(ended.ended.fault)},
                 {"why", ended.ended.why.message},
                 {"do", advice_on(bitbucket::name_of(ended.ended.fault), order.source.link.id.value)}}
            );
    }
    known.failed = std::move(failed);
    return are_given_up;
}

// What a crawl means for its repository; whether it counts as whole. A pull request that fails again and
// again holds the others up no longer than it takes to be sure.
bool catch_up_loop::judge(crawl_order const& order, watched_repository& row, crawl_report& ended)
{
    auto& known = known_[{order.source.instance, row.full_name}];
    known.gone.insert(ended.gone.begin(), ended.gone.end());
    bool is_whole = ended.ended.fault == bitbucket::api_fault::none;
    bool const are_given_up = count_failed(order, ended);
    if (!is_whole)
        row.fault = bitbucket::name_of(ended.ended.fault);
    else if (known.failed.empty())
        row.fault = ended.has_odd_clock ? odd_clock_fault : "";
    tell(order.source, row, ended);
    is_whole = is_whole || are_given_up;
    known.state.failures = is_whole ? 0 : known.state.failures + 1;
    known.state.is_active = ended.looked_at > 0;
    known.state.requests = std::max(ended.requests, 1);
    if (is_whole)
    {
        row.crawled_at = with_.clock.now();
        if (ended.cursor && (!row.cursor || *ended.cursor > *row.cursor))
            row.cursor = ended.cursor;
    }
    return is_whole;
}

asio::awaitable<result<watched_repository>> catch_up_loop::open_row(
    std::string instance, std::string full_name
)
{
    std::function<result<watched_repository>(transaction&)> const work =
        [instance = std::move(instance), full_name = std::move(full_name)](transaction& tx)
    { return ensure_watched(tx, instance, full_name); };
    co_return co_await with_.store.write<watched_repository>(work);
}

asio::awaitable<void> catch_up_loop::close_row(watched_repository row)
{
    std::function<result<bool>(transaction&)> const work = [row = std::move(row)](transaction& tx
                                                           ) -> result<bool>
    {
        if (auto const saved = save_watched(tx, row); !saved)
            return saved.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(work);
    if (!done)
        with_.log.warning("how far catching up is could not be stored", {{"why", done.error().message}});
}

asio::awaitable<result<>> catch_up_loop::keep(inbox_entry row)
{
    std::function<result<bool>(transaction&)> const work = [row = std::move(row)](transaction& tx
                                                           ) -> result<bool>
    {
        if (auto const appended = append(tx, row); !appended)
            return appended.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(work);
    if (!done)
        co_return done.error();
    with_.on_row();
    co_return result<>();
}

// A fault once, and when it is over.
void catch_up_loop::tell(
    polled_source const& source, watched_repository const& row, crawl_report const& ended
)
{
    auto const& full_name = row.full_name;
    auto& known = known_[{source.instance, full_name}];
    auto const builds_fault = std::string(bitbucket::name_of(ended.builds.fault));
    bool const was_asked = ended.builds.fault != bitbucket::api_fault::none || ended.looked_at > 0;
    if (was_asked && std::exchange(known.told_builds_fault, builds_fault) != builds_fault &&
        ended.builds.fault != bitbucket::api_fault::none)
        with_.log.warning(
            "builds cannot be asked for",
            {{"source", source.name},
             {"link", source.link.id.value},
             {"repository", full_name},
             {"fault", builds_fault},
             {"why", ended.builds.why.message},
             {"do", advice_on(builds_fault, source.link.id.value)}}
        );
    auto& told = known.told_fault;
    auto const& fault = row.fault;
    if (std::exchange(told, fault) == fault)
    {
        with_.log.debug(
            "caught up",
            {{"repository", full_name}, {"pull_requests", static_cast<std::int64_t>(ended.looked_at)}}
        );
        return;
    }
    if (fault.empty())
        with_.log.info("catching up works again", {{"source", source.name}, {"repository", full_name}});
    else
        with_.log.warning(
            "catching up failed",
            {{"source", source.name},
             {"link", source.link.id.value},
             {"repository", full_name},
             {"fault", fault},
             {"why", fault == odd_clock_fault ? std::string(odd_clock_words) : ended.ended.why.message},
             {"do", advice_on(fault, source.link.id.value)}}
        );
}

}  // namespace linkspan
