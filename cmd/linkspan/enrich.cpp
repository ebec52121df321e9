#include "cmd/linkspan/enrich.hpp"

#include "core/bitbucket/asked_facts.hpp"
#include "store/facts.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr std::int64_t messages_max = 256;        // of one turn: keeps the reading short
constexpr std::size_t decided_at_once_max = 32;   // events: keeps the transaction under 10 ms
constexpr std::size_t questions_at_once_max = 8;  // a Bitbucket that hangs must not hold up all the others
constexpr milliseconds enrich_store_wait{1'000};

// Behind an answer that another try may better, and behind one that it will not.
constexpr milliseconds retry_wait{2'000};
constexpr milliseconds lasting_wait{60'000};

// A list goes on no longer: 5,000 paths (Cloud has 500 on a page, Data Center 1,000) and 500 commits.
constexpr int cloud_path_pages_max = 10;
constexpr int data_center_path_pages_max = 5;
constexpr int commit_pages_max = 5;
constexpr std::size_t fact_bytes_max = 1U << 20U;  // of what is kept of one answer

constexpr std::string_view too_long = "there are more than are asked for";

bool is_worth_another_try(bitbucket::api_fault fault)
{
    using bitbucket::api_fault;
    return fault == api_fault::unavailable || fault == api_fault::unheard || fault == api_fault::not_json ||
           fault == api_fault::not_a_page || fault == api_fault::rate_limited ||
           fault == api_fault::shifted || fault == api_fault::cancelled;
}

int pages_of(fact_subject of, edition asked)
{
    if (of == fact_subject::commits)
        return commit_pages_max;
    return asked == edition::cloud ? cloud_path_pages_max : data_center_path_pages_max;
}

api_question question_for(fact_question const& asked, bitbucket::repository_place place, edition of)
{
    api_question out(
        asked.asked() == fact::commits ? api_topic::commits : api_topic::changed_paths,
        std::move(place),
        asked.pull_request
    );
    out.commits.before = asked.before;
    out.commits.after = asked.fork.empty() ? asked.after : asked.fork + ":" + asked.after;
    out.pages_max = pages_of(asked.subject, of);
    return out;
}

std::size_t bytes_of(std::string const& path)
{
    return path.size();
}

std::size_t bytes_of(commit const& one)
{
    return one.hash.size() + one.message.value_or("").size() + one.author.value_or("").size();
}

// Cuts a list to what is kept; whether it was longer.
template <class Item>
bool cut(std::vector<Item>& items)
{
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < items.size(); ++i)
    {
        bytes += bytes_of(items[i]);
        if (bytes <= fact_bytes_max)
            continue;
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(i), items.end());
        return true;
    }
    return false;
}

}  // namespace

enrich_loop::enrich_loop(parts with, rule_set rules)
    : with_(std::move(with)), rules_(std::move(rules)), work_(with_.clock)
{
}

void enrich_loop::use(std::vector<polled_source> sources)
{
    sources_ = std::move(sources);
    // What failed may have been mended.
    std::erase_if(attempts_, [](auto const& one) { return !one.second.is_busy; });
    wake();
}

asio::awaitable<void> enrich_loop::run()
{
    for (;;)
    {
        auto const next = co_await dispatch();
        is_waiting_ = true;
        co_await work_.wait_until(next);
        is_waiting_ = false;
    }
}

// One turn: asks what is not asked yet, and decides what can be decided. Answers when to look again.
asio::awaitable<time_point> enrich_loop::dispatch()
{
    if (is_resting_)
        co_return time_point::max();
    using events = std::vector<waiting_event>;
    std::function<result<events>(transaction&)> const work = [](transaction& tx)
    { return read_waiting(tx, messages_max); };
    auto const answers = answers_;
    auto read = co_await with_.store.read<events>(work);
    auto const now = with_.clock.now();
    if (answers != answers_)
        co_return now;  // what was read may not know them, and would be asked again
    if (!read)
    {
        with_.log.error("enriching waits", {{"why", read.error().message}});
        co_return now + enrich_store_wait;
    }
    forget_attempts(now);
    auto next = time_point::max();
    std::vector<verdict_for> ready;
    for (auto& of : *read)
    {
        ask_for(of, now);
        if (!is_ready(of, now))
            next = std::min(next, look_again_at(of));
        else if (ready.size() == decided_at_once_max)
            next = now;
        else
        {
            verdict_for one;
            one.missing = missing_of(of);
            one.of = std::move(of);
            ready.push_back(std::move(one));
        }
    }
    if (ready.empty() || is_resting_)
        co_return next;
    auto const decided = co_await decide_all(std::move(ready));
    if (!decided)
    {
        with_.log.error("enriching waits", {{"why", decided.error().message}});
        co_return now + enrich_store_wait;
    }
    // There may be more than were read.
    co_return now;
}

// Whether nothing more is to come before its time is up.
bool enrich_loop::is_ready(waiting_event const& of, time_point now) const
{
    return of.decide_by <= now || std::ranges::all_of(
                                      of.open,
                                      [&](fact_question const& question)
                                      {
                                          auto const known = attempts_.find(question);
                                          return known != attempts_.end() && !known->second.is_busy &&
                                                 known->second.again_at >= of.decide_by;
                                      }
                                  );
}

time_point enrich_loop::look_again_at(waiting_event const& of) const
{
    auto out = of.decide_by;
    for (auto const& question : of.open)
        if (auto const known = attempts_.find(question); known != attempts_.end() && !known->second.is_busy)
            out = std::min(out, known->second.again_at);
    return out;
}

missing_facts enrich_loop::missing_of(waiting_event const& of) const
{
    missing_facts out;
    for (auto const& question : of.open)
    {
        auto const known = attempts_.find(question);
        auto& fault = question.asked() == fact::commits ? out.commits : out.changed_paths;
        if (known == attempts_.end())
            fault = "Bitbucket was not asked in time";
        else if (!known->second.fault.empty())
            fault = known->second.fault;
        else
            fault = "Bitbucket did not answer within " + std::to_string(enrichment_wait.count()) + " seconds";
    }
    return out;
}

void enrich_loop::ask_for(waiting_event const& of, time_point now)
{
    if (of.decide_by <= now)
        return;
    for (auto const& question : of.open)
    {
        auto const known = attempts_.find(question);
        bool const is_due =
            known == attempts_.end() || (!known->second.is_busy && known->second.again_at <= now);
        if (is_due)
            start(question, now);
    }
}

void enrich_loop::start(fact_question const& question, time_point now)
{
    auto const* source = source_for(sources_, question.instance, question.full_name);
    if (source == nullptr || !place_of(question.full_name))
    {
        auto& known = attempts_[question];
        known.again_at = now + lasting_wait;
        known.fault = "no [[source]] with an api link has " + question.full_name;
        return;
    }
    if (busy_ >= questions_at_once_max)
        return;  // the end of one looks again
    attempts_[question].is_busy = true;
    ++busy_;
    with_.questions.spawn("a question about an event", ask(*source, question));
}

// With the priority of watching: a message is as urgent as what a look would find, and people who wait at a
// terminal go before both.
asio::awaitable<void> enrich_loop::ask(polled_source source, fact_question question)
{
    auto const place = place_of(question.full_name).value_or(bitbucket::repository_place());
    auto wanted = question_for(question, place, source.edition);
    auto reply = co_await with_.asker.ask(source.link, priority::watching, std::move(wanted));
    bool const is_full = reply.fault == bitbucket::api_fault::page_limit &&
                         reply.requests >= pages_of(question.subject, source.edition);
    if (!reply.is_held() && (reply.is_whole() || is_full))
    {
        auto const kept = co_await keep(source, question, reply);
        ++answers_;
        if (kept)
            attempts_.erase(question);
        else
            reply.fail(bitbucket::api_fault::unavailable, kept.error().message);
    }
    after_fault(question, reply);
    --busy_;
    wake();
}

asio::awaitable<result<>> enrich_loop::keep(polled_source source, fact_question question, api_reply reply)
{
    bool const is_whole = reply.is_whole();
    std::function<result<bool>(transaction&)> const work =
        [question, edition = source.edition, values = std::move(reply.values), is_whole](transaction& tx
        ) -> result<bool>
    {
        auto kept = result<>();
        if (question.asked() == fact::commits)
        {
            known_commits known;
            known.commits = shown_commits(edition, values);
            if (cut(known.commits) || !is_whole)
                known.fault = too_long;
            kept = keep_commits(tx, question, known);
        }
        else
        {
            known_paths known;
            known.paths = shown_paths(edition, values);
            if (cut(known.paths) || !is_whole)
                known.fault = too_long;
            kept = keep_paths(tx, question, known);
        }
        if (!kept)
            return kept.error();
        return true;
    };
    auto const done = co_await with_.store.write<bool>(work);
    if (!done)
        co_return done.error();
    co_return result<>();
}

void enrich_loop::after_fault(fact_question const& question, api_reply const& reply)
{
    auto const known = attempts_.find(question);
    if (known == attempts_.end())
        return;  // there was none
    auto const now = with_.clock.now();
    auto& tried = known->second;
    tried.is_busy = false;
    if (reply.is_held())
    {
        tried.again_at = *reply.held_until;
        tried.fault = "the budget of the link has no room";
        return;
    }
    tried.again_at = now + (is_worth_another_try(reply.fault) ? retry_wait : lasting_wait);
    tried.fault = reply.why.message;
}

// All of it or nothing: what is not decided is decided in the next turn.
asio::awaitable<result<>> enrich_loop::decide_all(std::vector<verdict_for> ready)
{
    struct outcome_of_all
    {
        std::vector<decided_event> events;
        std::set<lane> lanes;
    };
    auto const all = std::make_shared<std::vector<verdict_for>>(std::move(ready));
    auto const rules = rules_;
    std::function<result<outcome_of_all>(transaction&)> const work = [all, rules](transaction& tx
                                                                     ) -> result<outcome_of_all>
    {
        outcome_of_all out;
        for (auto const& one : *all)
        {
            auto const done = decide_event(tx, one.of, rules, one.missing, out.lanes);
            if (!done)
                return done.error();
            out.events.push_back(*done);
        }
        return out;
    };
    auto const done = co_await with_.store.write<outcome_of_all>(work);
    if (!done)
        co_return done.error();
    for (std::size_t i = 0; i < all->size(); ++i)
        tell((*all)[i], done->events[i]);
    with_.on_decided(std::vector<lane>(done->lanes.begin(), done->lanes.end()));
    co_return result<>();
}

void enrich_loop::tell(verdict_for const& ready, decided_event const& done)
{
    std::set<fact> needed;
    for (auto const& one : ready.of.deliveries)
        needed.insert(one.plan.needs.begin(), one.plan.needs.end());
    for (auto const one : needed)
    {
        auto const& fault = one == fact::commits ? ready.missing.commits : ready.missing.changed_paths;
        with_.counts.count_enrichment(name_of(one), fault.empty());
        if (!fault.empty() && ready.of.happening)
            with_.log.warning(
                "messages were decided without what was asked for",
                {{"event", ready.of.happening->id.value},
                 {"fact", name_of(one)},
                 {"sent", static_cast<std::int64_t>(done.sent)},
                 {"not_taken", static_cast<std::int64_t>(done.not_taken)},
                 {"why", fault}}
            );
    }
}

// Those that may be made again: whether one is, the messages that wait tell.
void enrich_loop::forget_attempts(time_point now)
{
    std::erase_if(
        attempts_,
        [now](auto const& one) { return !one.second.is_busy && one.second.again_at + lasting_wait <= now; }
    );
}

}  // namespace linkspan
