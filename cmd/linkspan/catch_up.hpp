#pragma once
#include "cmd/linkspan/crawl.hpp"
#include "cmd/linkspan/log.hpp"
#include "core/watch/beat.hpp"
#include "core/watch/budget.hpp"
#include "links/net/task_group.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// Asks on a slow beat what changed in each repository of the sources that have an api link, be they named or
// heard of by a webhook, from where the last time ended: at the start, so after an outage of ours, and again
// and again, so after one of Bitbucket's. The first time it reads what is open, and announces nothing of it.
// Without webhooks the beat is as dense as the budget allows.
class catch_up_loop
{
public:
    struct parts
    {
        linkspan::store& store;
        linkspan::clock& clock;
        linkspan::log& log;
        task_group& crawls;  // end by cancellation; the cursor has not moved then
        api_asker& asker;
        std::function<void()> on_row;  // the inbox has a new row
        catch_up_beats beats;
    };

    explicit catch_up_loop(parts with);

    // The links were read again. What is known of a source stays where nothing about it has changed.
    void use(std::vector<polled_source> sources);

    // Deliveries of an instance, or of nobody knows which, were refused for a fault of ours: what was lost is
    // asked for soon.
    void expect_losses(std::optional<std::string> const& instance = std::nullopt);

    // It waits for time.
    bool is_waiting() const { return is_waiting_; }

    // How many crawls wait for time in their middle: until the budget has room, or for another try.
    std::size_t paused() const;

    // Begins nothing more.
    void rest() { is_resting_ = true; }

    // Runs until it is cancelled.
    boost::asio::awaitable<void> run();

private:
    struct known_repository
    {
        crawl_state state;
        bool is_busy = false;
        std::optional<time_point> swept_at;  // when all that was open was looked at last
        std::string told_fault;              // as the log knows it
        std::string told_builds_fault;
        std::map<std::int64_t, int> failed;  // pull requests: how often in a row they could not be looked at
        std::set<std::int64_t>
            gone;  // pull requests that the store takes for open and nobody has, of this sweep
    };
    using repository_key = std::pair<std::string, std::string>;  // instance, full name

    struct source_state
    {
        std::vector<std::string> names;  // of its repositories
        time_point list_at;              // when they are listed again
        bool is_listing = false;
        int failures = 0;  // of listings, in a row
        int crawls = 0;    // that are on their way
        int limit = repositories_per_hour;
        time_point told_refusal_until;  // the log knows that it is asked nothing before
    };

    crawler make_crawler(polled_source const& source, std::string full_name);
    boost::asio::awaitable<std::vector<std::int64_t>> known_open(
        std::string instance, std::string full_name, std::string repository
    );
    boost::asio::awaitable<bool> has_open_tasks(
        std::string instance, std::string repository, std::int64_t pull_request
    );
    void note_pause(polled_source const& source, crawl_progress const& so_far);
    time_point dispatch(polled_source const& source);
    int requests_of(polled_source const& source);  // that one round of its repositories takes
    boost::asio::awaitable<void> list(polled_source source);
    boost::asio::awaitable<crawler::repository_list> heard_of(polled_source source);
    boost::asio::awaitable<int> read_limit(polled_source source);
    boost::asio::awaitable<void> crawl_one(polled_source source, std::string full_name);
    crawl_order order_of(polled_source const& source, watched_repository const& row);
    bool count_failed(crawl_order const& order, crawl_report const& ended);
    bool judge(crawl_order const& order, watched_repository& row, crawl_report& ended);
    boost::asio::awaitable<result<watched_repository>> open_row(std::string instance, std::string full_name);
    boost::asio::awaitable<void> close_row(watched_repository row);
    boost::asio::awaitable<result<>> keep(inbox_entry row);
    void tell(polled_source const& source, watched_repository const& row, crawl_report const& ended);

    void wake()
    {
        is_waiting_ = false;
        work_.notify();
    }

    parts with_;
    std::vector<polled_source> sources_;
    std::map<std::string, source_state> by_source_;  // by name
    std::map<repository_key, known_repository> known_;
    std::vector<time_point> pauses_;  // when each ends
    wakeup work_;
    bool is_resting_ = false;
    bool is_waiting_ = false;
};

}  // namespace linkspan
