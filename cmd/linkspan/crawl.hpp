#pragma once
#include "cmd/linkspan/api_asker.hpp"
#include "cmd/linkspan/polled_source.hpp"
#include "store/watched_repositories.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// Reads how the pull requests of one repository stand, and puts a look at each into the inbox: backfill reads
// those that are open, catch-up those that changed since its cursor and now and then all that are open.

// A list that changed while it was read misses what moved across a page: so much before its beginning the
// next one starts.
inline constexpr seconds cursor_overlap{60};

enum class crawl_reach
{
    open,
    changed,  // since the cursor
    swept,    // these, and all that are open: threads and tasks move no date of their pull request
};

struct crawl_order
{
    polled_source source;
    watched_repository repository;
    crawl_reach reach = crawl_reach::open;
    priority who = priority::catch_up;
    bool folds = false;  // behind a long outage: each pull request is told as one story

    crawl_order() = default;
};

// How far it is. of: pull requests to look at, once that is known. held_until: the budget has no room before.
// is_refused: because Bitbucket said so. again_at: what could not be looked at is tried again then.
struct crawl_progress
{
    std::size_t looked_at = 0;
    std::optional<std::size_t> of;
    std::optional<time_point> held_until;
    bool is_refused = false;
    std::optional<time_point> again_at;
};

struct crawl_report
{
    bitbucket::api_outcome ended;      // fault none: all of it was read
    std::vector<std::int64_t> read;    // pull requests that were looked at
    std::vector<std::int64_t> failed;  // pull requests that could not be looked at, where the others were
    std::vector<std::int64_t> gone;    // known, in no list, and there is no such one
    int requests = 0;                  // made, and granted
    bool has_odd_clock = false;        // api_reply
    std::size_t looked_at = 0;
    // Why the builds of a Data Center may not be asked for; the rest is read all the same. Fault none: they
    // may.
    bitbucket::api_outcome builds;
    // The repository's next one, where all of it was read, but for those that failed, and the answers told
    // Bitbucket's time: ours may be ahead of it.
    std::optional<time_point> cursor;

    crawl_report() = default;
};

class crawler
{
public:
    struct parts
    {
        api_asker& asker;
        linkspan::clock& clock;
        // Stores one row; it is durable behind it.
        std::function<boost::asio::awaitable<result<>>(inbox_entry row)> keep;
        std::function<void(crawl_progress const& so_far)> tell;
        // The pull requests of a repository, by its id, that the store takes for open. Backfill, which reads
        // open ones alone, asks for none.
        std::function<boost::asio::awaitable<std::vector<std::int64_t>>(std::string repository)> known_open;
        // Whether the store knows open tasks of a pull request of Cloud.
        std::function<boost::asio::awaitable<bool>(std::string repository, std::int64_t pull_request)>
            has_open_tasks;
    };

    explicit crawler(parts with);

    // The oldest change first, so that events come in their order. What cannot be looked at is tried once
    // more behind the others; several in a row, or a credential that is refused, end it. What was kept stays,
    // and the cursor then does not move. Waits for the budget, also behind refusals of the service.
    boost::asio::awaitable<crawl_report> crawl(crawl_order order);

    // The repositories of a source: those that it names, and those of its workspace or projects.
    struct repository_list
    {
        bitbucket::api_outcome ended;
        std::vector<std::string> full_names;  // sorted
    };
    boost::asio::awaitable<repository_list> repositories_of(polled_source source, priority who);

private:
    // A list from its beginning to its end, or to the fault that ended it.
    struct read_list
    {
        bitbucket::listing found;
        bool is_in_one_go = true;  // else nothing is concluded from what it lacks
    };
    boost::asio::awaitable<read_list> read(open_link link, priority who, api_question question);
    using shared_order = std::shared_ptr<crawl_order const>;
    boost::asio::awaitable<bitbucket::listing> list(shared_order order, bitbucket::repository_place place);
    boost::asio::awaitable<bitbucket::listing> add_open(
        shared_order order, bitbucket::repository_place place, bitbucket::listing changed
    );
    boost::asio::awaitable<bitbucket::listing> add_closed(
        shared_order order, bitbucket::repository_place place, bitbucket::listing open
    );
    boost::asio::awaitable<crawl_report> look_at_all(
        shared_order order, bitbucket::repository_place place, boost::json::array shown, time_point listed_at
    );
    boost::asio::awaitable<bitbucket::listing> ask_about_vanished(
        shared_order order,
        bitbucket::repository_place place,
        std::set<std::int64_t> listed,
        std::string repository
    );
    boost::asio::awaitable<bitbucket::api_outcome> look_at(
        shared_order order, bitbucket::repository_place place, boost::json::value shown, time_point listed_at
    );
    boost::asio::awaitable<bool> asks_for_tasks(shared_order order, boost::json::value shown);
    boost::asio::awaitable<bitbucket::api_outcome> look_at_builds(
        shared_order order, boost::json::value repository, std::string commit
    );

    parts with_;
    crawl_progress so_far_;
    int requests_ = 0;
    bool has_odd_clock_ = false;
    bitbucket::api_outcome builds_;                                        // crawl_report::builds
    std::vector<std::int64_t> gone_;                                       // crawl_report::gone
    std::vector<std::pair<std::int64_t, bitbucket::api_outcome>> unread_;  // known, in no list, and not shown
};

}  // namespace linkspan
