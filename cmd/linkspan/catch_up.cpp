#include "cmd/linkspan/catch_up.hpp"

#include "store/budgets.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr milliseconds look_again_wait{600'000};    // nothing may be due for longer, but the clock may be set
constexpr milliseconds list_again_wait{3'600'000};  // repositories are seldom made

}  // namespace

catch_up_loop::catch_up_loop(parts with) : with_(std::move(with)), work_(with_.clock) {}

void catch_up_loop::use(std::vector<polled_source> sources)
{
    sources_ = std::move(sources);
    listed_at_.clear();
    next_.clear();
    wake();
}

void catch_up_loop::expect_losses(std::optional<std::string> const& instance)
{
    auto const at = with_.clock.now() + loss_wait;
    for (auto& [key, known] : known_)
        if (!instance || key.first == *instance)
            known.state.wanted_at = at;
    for (auto const& source : sources_)
    {
        auto const due = next_.find(source.name);
        if (due != next_.end() && (!instance || source.instance == *instance))
            due->second = std::min(due->second, at);
    }
    wake();
}

asio::awaitable<void> catch_up_loop::run()
{
    for (;;)
    {
        auto const now = with_.clock.now();
        auto next = now + look_again_wait;
        for (auto const& source : sources_)
        {
            if (is_resting_ || busy_.contains(source.name))
                continue;
            auto const due = next_.find(source.name);
            if (due != next_.end() && due->second > now)
            {
                next = std::min(next, due->second);
                continue;
            }
            busy_.insert(source.name);
            with_.crawls.spawn("catching up of source " + source.name, serve(source));
        }
        is_waiting_ = true;
        co_await work_.wait_until(next);
        is_waiting_ = false;
    }
}

// One round of a source: each of its repositories that is due, one behind the other.
asio::awaitable<void> catch_up_loop::serve(polled_source source)
{
    auto const names = co_await repositories_of(source);
    auto next = with_.clock.now() + look_again_wait;
    std::function<result<budget>(transaction&)> const work =
        [link = source.link.id, resource = resource_of(source.edition)](transaction& tx)
    { return load_budget(tx, link, resource); };
    auto const held = co_await with_.store.read<budget>(work);
    auto const poll =
        poll_beat(static_cast<int>(names.size()), held ? hourly_limit(*held) : repositories_per_hour);
    for (auto const& name : names)
    {
        if (is_resting_)
            break;
        auto& known = known_[{source.instance, name}];
        known.state.is_poll_only = source.is_poll_only;
        if (next_crawl_at(known.state, with_.beats, poll) <= with_.clock.now())
            co_await crawl_one(source, name, poll);
        next = std::min(next, next_crawl_at(known.state, with_.beats, poll));
    }
    next_[source.name] = next;
    busy_.erase(source.name);
    wake();
}

crawler catch_up_loop::make_crawler()
{
    return crawler(crawler::parts{
        with_.asker,
        with_.clock,
        [this](inbox_entry row) { return keep(std::move(row)); },
        [](crawl_progress const&) {}});
}

asio::awaitable<std::vector<std::string>> catch_up_loop::repositories_of(polled_source source)
{
    if (!source.names_any())
    {
        auto names = co_await heard_of(std::move(source));
        co_return names;
    }
    auto const now = with_.clock.now();
    auto const listed = listed_at_.find(source.name);
    if (listed != listed_at_.end() && now < listed->second + list_again_wait)
        co_return listed_[source.name];
    auto reads = make_crawler();
    auto const found = co_await reads.repositories_of(source, priority::catch_up);
    listed_at_[source.name] = now;
    auto& names = listed_[source.name];
    if (found.ended.fault == bitbucket::api_fault::none)
        names = found.full_names;
    else
    {
        // What was known before goes on to be asked: a list that failed proves nothing gone.
        names.insert(names.end(), found.full_names.begin(), found.full_names.end());
        std::ranges::sort(names);
        names.erase(std::unique(names.begin(), names.end()), names.end());
        listed_at_[source.name] = now - list_again_wait + look_again_wait;
        with_.log.warning(
            "the repositories of a source cannot be listed",
            {{"source", source.name},
             {"link", source.link.id.value},
             {"fault", bitbucket::name_of(found.ended.fault)},
             {"why", found.ended.why.message}}
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
    co_return names;
}

// Of a source that names nothing: where webhooks came from.
asio::awaitable<std::vector<std::string>> catch_up_loop::heard_of(polled_source source)
{
    std::function<result<std::vector<watched_repository>>(transaction&)> const work = list_watched;
    auto const watched = co_await with_.store.read<std::vector<watched_repository>>(work);
    std::vector<std::string> out;
    if (!watched)
    {
        with_.log.warning(
            "catching up waits for the store", {{"source", source.name}, {"why", watched.error().message}}
        );
        co_return out;
    }
    for (auto const& one : *watched)
    {
        auto const* asks = source_for(sources_, one.instance, one.full_name);
        if (asks != nullptr && asks->name == source.name)
            out.push_back(one.full_name);
    }
    co_return out;
}

asio::awaitable<void> catch_up_loop::crawl_one(polled_source source, std::string full_name, milliseconds poll)
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
        co_return;
    }
    auto reads = make_crawler();
    crawl_order order;
    order.source = source;
    order.repository = *row;
    auto const began_at = with_.clock.now();
    bool const sweeps = !known.swept_at || began_at - *known.swept_at >= sweep_beat;
    order.reach = !row->cursor ? crawl_reach::open : sweeps ? crawl_reach::swept : crawl_reach::changed;
    order.who = priority::catch_up;
    order.folds = is_behind_long_outage(row->crawled_at, source.is_poll_only, with_.beats, poll, began_at);
    auto const ended = co_await reads.crawl(std::move(order));
    if (ended.ended.fault == bitbucket::api_fault::cancelled)
        co_return;
    bool const is_whole = ended.ended.fault == bitbucket::api_fault::none;
    known.state.failures = is_whole ? 0 : known.state.failures + 1;
    known.state.is_active = ended.looked_at > 0;
    row->fault = is_whole ? std::string() : std::string(bitbucket::name_of(ended.ended.fault));
    if (is_whole)
    {
        row->crawled_at = with_.clock.now();
        if (sweeps)
            known.swept_at = began_at;
        if (ended.cursor && (!row->cursor || *ended.cursor > *row->cursor))
            row->cursor = ended.cursor;
    }
    tell(source, full_name, ended);
    co_await close_row(std::move(*row));
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
void catch_up_loop::tell(polled_source const& source, std::string const& full_name, crawl_report const& ended)
{
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
             {"why", ended.builds.why.message}}
        );
    auto& told = known.told_fault;
    std::string const fault(
        ended.ended.fault == bitbucket::api_fault::none ? "" : bitbucket::name_of(ended.ended.fault)
    );
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
             {"why", ended.ended.why.message}}
        );
}

}  // namespace linkspan
