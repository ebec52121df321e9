#pragma once
#include "cmd/linkspan/token_keeper.hpp"
#include "core/watch/budget.hpp"
#include "links/bitbucket/pages.hpp"
#include "links/net/clock.hpp"
#include "store/uses.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace linkspan
{

// One decision about a budget, in one transaction. It may run twice.
using budget_work = std::function<result<budget_answer>(transaction& tx)>;

// The store as the asker uses it: the daemon's writer, or a command's own connection.
using budget_store = std::function<boost::asio::awaitable<result<budget_answer>>(budget_work work)>;

enum class api_topic
{
    open_pull_requests,
    changed_pull_requests,  // all states, the last changed first
    pull_request,
    comments,  // Data Center: activities
    tasks,     // Data Center: blocker comments
    repositories,
    builds,         // of a commit, in whatever repository of a Data Center
    webhooks,       // with their statistics: of Data Center alone, and of those who administrate
    changed_paths,  // of a pull request where one is named (Data Center's, as it is now), else between
                    // `commits`
    commits,        // between `commits`
};

// What is asked. Which parts count depends on the topic.
struct api_question
{
    api_topic topic = api_topic::comments;
    bitbucket::repository_place repository;  // of `repositories` its owner alone: a workspace or project
    std::int64_t pull_request = 0;
    std::string commit;  // builds: its whole hash
    bitbucket::commit_pair commits;
    std::optional<time_point> changed_after;  // changed_pull_requests; Data Center gives all, page by page
    int pages_max = bitbucket::pages_max;
    std::string from;  // listing::next, to read on

    api_question() = default;
    api_question(api_topic topic, bitbucket::repository_place repository, std::int64_t pull_request = 0)
        : topic(topic), repository(std::move(repository)), pull_request(pull_request)
    {
    }
};

// A single thing comes as a list of one. held_until: the budget has no room before, for the question, or for
// the page at `next`; then the values are those of the pages before it.
struct api_reply : bitbucket::listing
{
    std::optional<time_point> held_until;
    bool has_odd_clock = false;  // its Date was not believed, and began_at is ours

    api_reply() = default;

    bool is_held() const { return held_until.has_value(); }
};

// The most that a Bitbucket's clock may be ahead of ours; what is later comes of a proxy or a broken clock,
// and nothing of what happens until then would be looked for.
inline constexpr milliseconds date_lead_max{600'000};

inline constexpr std::string_view odd_clock_words =
    "the Date of its answers is far ahead of our clock, and is not believed";

// What all of these questions are counted as.
resource_class resource_of(edition asked);

// Asks a Bitbucket's REST API with the credential of a link, within that link's budget: each request is
// counted in the store before it is sent, and what the answer says of the limit is heard. A token that is
// refused is replaced once. Nothing is tried again here.
class api_asker
{
public:
    struct parts
    {
        http_client& http;
        linkspan::clock& clock;
        token_keeper& keeper;
        budget_store budgets;
        milliseconds timeout;  // of one request
        std::string actor;     // under whose name the uses of links stand in the audit
    };

    explicit api_asker(parts with);

    // The link's template opens an API (link_template::open_api). Never throws; a store that takes no writes
    // is the fault `unavailable`, for nothing is sent that is not counted.
    boost::asio::awaitable<api_reply> ask(open_link link, priority who, api_question question);

private:
    boost::asio::awaitable<api_reply> ask_once(
        open_link link, link_fields fields, priority who, api_question question
    );
    boost::asio::awaitable<result<budget_answer>> count(link_id link, resource_class resource, priority who);
    // failure: what the link's question_fact is now; nothing where the answer says nothing of the link.
    boost::asio::awaitable<void> hear(
        link_use use,
        std::optional<std::string> failure,
        resource_class resource,
        int counted,
        rate_answer rates
    );

    parts with_;
};

}  // namespace linkspan
