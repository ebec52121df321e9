#include "cmd/linkspan/api_asker.hpp"

#include "links/bitbucket/cloud_rest.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "store/budgets.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

bitbucket::listing as_list(bitbucket::api_answer answer)
{
    bitbucket::listing out;
    out.requests = 1;
    out.began_at = answer.notes.date;
    if (answer.is_told())
        out.values.push_back(std::move(answer.body));
    static_cast<bitbucket::api_outcome&>(out) = std::move(static_cast<bitbucket::api_outcome&>(answer));
    return out;
}

asio::awaitable<bitbucket::listing> put_to_cloud(
    bitbucket::api_access api, api_question asked, bitbucket::list_limits pages
)
{
    using bitbucket::pull_request_states;
    auto const limits = std::move(pages);
    switch (asked.topic)
    {
        case api_topic::open_pull_requests:
            co_return co_await bitbucket::cloud::list_pull_requests(
                std::move(api), std::move(asked.repository), pull_request_states::open, std::nullopt, limits
            );
        case api_topic::changed_pull_requests:
            co_return co_await bitbucket::cloud::list_pull_requests(
                std::move(api),
                std::move(asked.repository),
                pull_request_states::all,
                asked.changed_after,
                limits
            );
        case api_topic::pull_request:
        {
            auto answer = co_await bitbucket::cloud::get_pull_request(
                std::move(api), std::move(asked.repository), asked.pull_request
            );
            co_return as_list(std::move(answer));
        }
        case api_topic::comments:
            co_return co_await bitbucket::cloud::list_comments(
                std::move(api), std::move(asked.repository), asked.pull_request, limits
            );
        case api_topic::tasks:
            co_return co_await bitbucket::cloud::list_tasks(
                std::move(api), std::move(asked.repository), asked.pull_request, limits
            );
        case api_topic::repositories:
            co_return co_await bitbucket::cloud::list_repositories(
                std::move(api), std::move(asked.repository.owner), limits
            );
        case api_topic::builds:
        case api_topic::webhooks:
        {
            bitbucket::listing none;
            none.fail(
                bitbucket::api_fault::refused,
                "not sent: Cloud tells builds itself, and its webhooks have no statistics"
            );
            co_return none;
        }
        case api_topic::changed_paths:
            co_return co_await bitbucket::cloud::list_changed_paths(
                std::move(api), std::move(asked.repository), std::move(asked.commits), limits
            );
        case api_topic::commits:
            co_return co_await bitbucket::cloud::list_commits(
                std::move(api), std::move(asked.repository), std::move(asked.commits), limits
            );
    }
    co_return bitbucket::listing();
}

asio::awaitable<bitbucket::listing> put_to_data_center(
    bitbucket::api_access api, api_question asked, bitbucket::list_limits pages
)
{
    using bitbucket::pull_request_states;
    auto const limits = std::move(pages);
    switch (asked.topic)
    {
        case api_topic::open_pull_requests:
        case api_topic::changed_pull_requests:
        {
            auto const states = asked.topic == api_topic::open_pull_requests ? pull_request_states::open
                                                                             : pull_request_states::all;
            co_return co_await bitbucket::data_center::list_pull_requests(
                std::move(api), std::move(asked.repository), states, limits
            );
        }
        case api_topic::pull_request:
        {
            auto answer = co_await bitbucket::data_center::get_pull_request(
                std::move(api), std::move(asked.repository), asked.pull_request
            );
            co_return as_list(std::move(answer));
        }
        case api_topic::comments:
            co_return co_await bitbucket::data_center::list_activities(
                std::move(api), std::move(asked.repository), asked.pull_request, limits
            );
        case api_topic::tasks:
            co_return co_await bitbucket::data_center::list_blocker_comments(
                std::move(api), std::move(asked.repository), asked.pull_request, limits
            );
        case api_topic::repositories:
            co_return co_await bitbucket::data_center::list_repositories(
                std::move(api), std::move(asked.repository.owner), limits
            );
        case api_topic::builds:
            co_return co_await bitbucket::data_center::list_builds(
                std::move(api), std::move(asked.commit), limits
            );
        case api_topic::webhooks:
            co_return co_await bitbucket::data_center::list_webhooks(
                std::move(api), std::move(asked.repository), limits
            );
        case api_topic::changed_paths:
        {
            if (asked.pull_request == 0)
                co_return co_await bitbucket::data_center::list_changes(
                    std::move(api), std::move(asked.repository), std::move(asked.commits), limits
                );
            co_return co_await bitbucket::data_center::list_pull_request_changes(
                std::move(api), std::move(asked.repository), asked.pull_request, std::nullopt, limits
            );
        }
        case api_topic::commits:
            co_return co_await bitbucket::data_center::list_commits(
                std::move(api), std::move(asked.repository), std::move(asked.commits), limits
            );
    }
    co_return bitbucket::listing();
}

rate_answer rates_of(bitbucket::listing const& said)
{
    rate_answer out;
    out.is_refused = said.fault == bitbucket::api_fault::rate_limited;
    if (said.notes.rate_limit)
        out.limit = static_cast<int>(std::clamp<std::int64_t>(*said.notes.rate_limit, 0, limit_max + 1));
    out.is_near_limit = said.notes.near_limit;
    out.resource = said.notes.resource;
    out.wait = said.notes.retry_after;
    return out;
}

// As the audit counts it: what is cut short was answered, and a stop is nobody's fault.
bool has_failed(bitbucket::api_fault fault)
{
    return fault != bitbucket::api_fault::none && fault != bitbucket::api_fault::page_limit &&
           fault != bitbucket::api_fault::shifted && fault != bitbucket::api_fault::cancelled;
}

// The link's question_fact behind an answer; nothing: as it was.
std::optional<std::string> question_behind(api_reply const& said, bool is_of_one)
{
    switch (bitbucket::sign_of(said.fault, is_of_one))
    {
        case bitbucket::link_sign::works:
            return said.has_odd_clock ? std::string(odd_clock_words) : std::string();
        case bitbucket::link_sign::fails:
            return said.why.message;
        case bitbucket::link_sign::nothing:
            break;
    }
    return std::nullopt;
}

// Where the store does not count: before the next page is asked for.
constexpr milliseconds uncounted_wait{1'000};

// What a list was granted, and why it ends.
struct page_grants
{
    int granted = 1;
    std::optional<time_point> held_until;
};

api_reply failed(bitbucket::api_fault fault, std::string why)
{
    api_reply out;
    out.fail(fault, std::move(why));
    return out;
}

}  // namespace

resource_class resource_of(edition asked)
{
    return asked == edition::cloud ? resource_class::repositories : resource_class::data_center;
}

api_asker::api_asker(parts with) : with_(std::move(with)) {}

asio::awaitable<api_reply> api_asker::ask(open_link link, priority who, api_question question)
{
    if (link.kind->oauth == nullptr)
    {
        auto reply = co_await ask_once(link, link.fields, who, std::move(question));
        co_return reply;
    }
    auto token = co_await with_.keeper.token_of(link);
    if (!token)
        co_return failed(
            token.error().code == errc::unauthorized ? bitbucket::api_fault::unauthorized
                                                     : bitbucket::api_fault::unavailable,
            token.error().message
        );
    auto fields = link.fields;
    fields["access_token"] = token->tokens.access_token;
    auto reply = co_await ask_once(link, fields, who, question);
    if (reply.fault == bitbucket::api_fault::unauthorized)
    {
        token = co_await with_.keeper.token_instead_of(link, token->generation);
        if (!token)
            co_return failed(bitbucket::api_fault::unauthorized, token.error().message);
        fields["access_token"] = token->tokens.access_token;
        reply = co_await ask_once(link, fields, who, std::move(question));
        if (reply.fault == bitbucket::api_fault::unauthorized)
            // Its answer is an error: the link is told to need a person.
            (void)co_await with_.keeper.token_instead_of(link, token->generation);
    }
    if (!reply.is_held() && reply.is_whole())
        co_await with_.keeper.worked(link, token->generation);
    co_return reply;
}

asio::awaitable<api_reply> api_asker::ask_once(
    open_link link, link_fields fields, priority who, api_question question
)
{
    auto const entrance = link.kind->open_api(fields);
    if (!entrance)
        co_return failed(bitbucket::api_fault::refused, entrance.error().message);
    auto const asked = link.kind->asks.value_or(edition::cloud);
    auto const resource = resource_of(asked);
    auto const counted = co_await count(link.id, resource, who);
    if (!counted)
        co_return failed(bitbucket::api_fault::unavailable, counted.error().message);
    api_reply reply;
    if (!counted->is_granted)
    {
        reply.held_until = counted->ask_again_at;
        co_return reply;
    }
    auto const began_at = with_.clock.now();
    auto const page = std::make_shared<page_grants>();
    bitbucket::list_limits pages(std::max(question.pages_max, 1), question.from);
    pages.grant_next = [this, page, id = link.id, resource, who]() -> asio::awaitable<bool>
    {
        auto const next = co_await count(id, resource, who);
        if (next && next->is_granted)
        {
            ++page->granted;
            co_return true;
        }
        page->held_until = next ? next->ask_again_at : with_.clock.now() + uncounted_wait;
        co_return false;
    };
    bool const is_beside = question.topic == api_topic::webhooks || question.topic == api_topic::builds;
    bool const is_of_one =
        question.pull_request != 0 || !question.commit.empty() || !question.commits.after.empty();
    bitbucket::api_access api(with_.http, entrance->base_url, entrance->proof, with_.timeout);
    auto& listing = static_cast<bitbucket::listing&>(reply);
    if (asked == edition::cloud)
        listing = co_await put_to_cloud(std::move(api), std::move(question), std::move(pages));
    else
        listing = co_await put_to_data_center(std::move(api), std::move(question), std::move(pages));
    reply.held_until = page->held_until;
    if (listing.began_at && *listing.began_at > with_.clock.now() + date_lead_max)
    {
        reply.has_odd_clock = true;
        listing.began_at = began_at;
    }
    link_use use;
    use.link = link.id;
    use.label = link.name.value_or(link.id.value);
    use.actor = with_.actor;
    use.action = ask_action;
    use.count = std::max(listing.requests, 1);
    // Watching does without the permission to read webhooks, and without builds: the link lacks nothing.
    bool const is_lacking = is_beside && bitbucket::is_lasting(listing.fault);
    use.is_failure = has_failed(listing.fault) && !is_lacking;
    if (use.is_failure)
        use.detail = listing.why.message;
    auto failure = is_lacking ? std::nullopt : question_behind(reply, is_of_one);
    co_await hear(std::move(use), std::move(failure), resource, page->granted, rates_of(listing));
    co_return reply;
}

asio::awaitable<result<budget_answer>> api_asker::count(link_id link, resource_class resource, priority who)
{
    auto const now = with_.clock.now();
    budget_work const work = [link, resource, who, now](transaction& tx) -> result<budget_answer>
    {
        auto held = load_budget(tx, link, resource);
        if (!held)
            return held.error();
        auto const answer = admit(*held, who, 1, now);
        if (answer.is_granted)
            if (auto const saved = save_budget(tx, link, *held); !saved)
                return saved.error();
        return answer;
    };
    co_return co_await with_.budgets(work);
}

asio::awaitable<void> api_asker::hear(
    link_use use, std::optional<std::string> failure, resource_class resource, int counted, rate_answer rates
)
{
    auto const now = with_.clock.now();
    budget_work const work =
        [use = std::move(use), failure = std::move(failure), resource, counted, rates, now](transaction& tx
        ) -> result<budget_answer>
    {
        auto held = load_budget(tx, use.link, resource);
        if (!held)
            return held.error();
        // A redirect that was followed is one more.
        if (use.count > counted)
            spend(*held, static_cast<int>(use.count) - counted, now);
        linkspan::hear(*held, rates, now);
        if (auto const saved = save_budget(tx, use.link, *held); !saved)
            return saved.error();
        if (auto const noted = record_use(tx, use); !noted)
            return noted.error();
        if (failure)
            if (auto const put = put_facts(tx, use.link, {{std::string(question_fact), *failure}}); !put)
                return put.error();
        return budget_answer();
    };
    // The requests themselves are counted: what is lost with this is made good by the next answer.
    (void)co_await with_.budgets(work);
}

}  // namespace linkspan
