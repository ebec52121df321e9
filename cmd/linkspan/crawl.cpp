#include "cmd/linkspan/crawl.hpp"

#include "cmd/linkspan/shown_pull_request.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;
namespace json = boost::json;

using namespace shown;

// Pages of a Data Center's list of all pull requests: it has no filter by time, and what is closed may stand
// behind what is newer. Those that are known as open and in no list are asked about one by one, so many in
// one round.
constexpr int closed_pages_max = 5;
constexpr std::size_t vanished_max = 100;

// A fault of one pull request says nothing about the next; so many in a row do.
constexpr int faults_in_a_row_max = 3;
constexpr int passes_max = 2;              // over those that failed
constexpr milliseconds pass_wait{10'000};  // between them

// Refusals of one list for spending too much: each is waited for.
constexpr int refusals_max = 5;

api_question question_of(
    api_topic topic, bitbucket::repository_place const& place, std::int64_t pull_request = 0
)
{
    return {topic, place, pull_request};
}

// What comes twice was read later the second time.
void add_page(bitbucket::listing& into, api_reply page, std::map<std::int64_t, std::size_t>& places)
{
    auto values = std::move(into.values);
    auto const began_at = into.began_at ? into.began_at : page.began_at;
    auto const requests = into.requests + page.requests;
    for (auto& one : page.values)
    {
        auto const id = number_of(one, "/id");
        auto const place = id ? places.emplace(*id, values.size()) : std::pair(places.end(), true);
        if (place.second)
            values.push_back(std::move(one));
        else
            values[place.first->second] = std::move(one);
    }
    into = std::move(static_cast<bitbucket::listing&>(page));
    into.values = std::move(values);
    into.began_at = began_at;
    into.requests = requests;
}

void take_names(bitbucket::listing const& found, edition of, std::set<std::string>& into)
{
    for (auto const& one : found.values)
    {
        if (of == edition::cloud)
        {
            if (auto const* name = member(one, "/full_name"); name != nullptr && name->is_string())
                into.emplace(name->as_string());
            continue;
        }
        auto const* owner = member(one, "/project/key");
        auto const* slug = member(one, "/slug");
        if (owner != nullptr && owner->is_string() && slug != nullptr && slug->is_string())
            into.insert(std::string(owner->as_string()) + "/" + std::string(slug->as_string()));
    }
}

}  // namespace

crawler::crawler(parts with) : with_(std::move(with)) {}

// Waits for room in the budget, and for the end of a refusal: who crawls has time.
asio::awaitable<crawler::read_list> crawler::read(open_link link, priority who, api_question question)
{
    read_list out;
    std::map<std::int64_t, std::size_t> places;
    bool was_refused = false;
    for (int refusals = 0;;)
    {
        auto reply = co_await with_.asker.ask(link, who, question);
        requests_ += reply.requests;
        has_odd_clock_ = has_odd_clock_ || reply.has_odd_clock;
        bool const is_refused = reply.fault == bitbucket::api_fault::rate_limited;
        auto const held_until = reply.held_until;
        question.pages_max -= reply.requests;
        if (!reply.next.empty())
            question.from = reply.next;
        add_page(out.found, std::move(reply), places);
        if (is_refused && ++refusals > refusals_max)
            co_return out;
        was_refused = was_refused || is_refused;
        bool const waits = held_until || is_refused;
        if (!waits || question.pages_max <= 0)
            co_return out;
        out.is_in_one_go = out.is_in_one_go && out.found.values.empty();
        if (!held_until)
            continue;
        so_far_.held_until = held_until;
        so_far_.is_refused = std::exchange(was_refused, false);
        with_.tell(so_far_);
        so_far_.held_until.reset();
        co_await with_.clock.wait_until(*held_until);
    }
}

asio::awaitable<crawl_report> crawler::crawl(crawl_order wanted)
{
    auto const order = std::make_shared<crawl_order const>(std::move(wanted));
    so_far_ = {};
    builds_ = {};
    requests_ = 0;
    has_odd_clock_ = false;
    gone_.clear();
    unread_.clear();
    crawl_report out;
    auto const place = place_of(order->repository.full_name);
    if (!place)
    {
        out.ended.fail(
            bitbucket::api_fault::refused,
            "\"" + order->repository.full_name + "\" is no repository; write owner/slug"
        );
        co_return out;
    }
    auto found = co_await list(order, *place);
    auto const listed_at = found.began_at.value_or(with_.clock.now());
    so_far_.of = found.values.size();
    with_.tell(so_far_);
    std::ranges::reverse(found.values);
    auto values = std::move(found.values);
    auto ended = co_await look_at_all(order, *place, std::move(values), listed_at);
    out = std::move(ended);
    out.builds = builds_;
    out.looked_at = so_far_.looked_at;
    out.requests = requests_;
    out.has_odd_clock = has_odd_clock_;
    out.gone = std::move(gone_);
    // Where all ended early, nothing is known of each.
    bool const are_known = out.ended.fault == bitbucket::api_fault::none || !out.failed.empty();
    if (out.ended.fault == bitbucket::api_fault::none)
        out.ended = static_cast<bitbucket::api_outcome&>(found);
    for (auto& [id, why] : unread_)
    {
        if (are_known)
            out.failed.push_back(id);
        if (out.ended.fault == bitbucket::api_fault::none)
            out.ended = std::move(why);
    }
    bool const are_others_read = out.ended.fault == bitbucket::api_fault::none || !out.failed.empty();
    if (are_others_read && found.is_whole() && found.began_at)
        out.cursor = *found.began_at - cursor_overlap;
    co_return out;
}

asio::awaitable<crawl_report> crawler::look_at_all(
    shared_order order, bitbucket::repository_place place, json::array shown, time_point listed_at
)
{
    crawl_report out;
    for (int pass = 0; pass < passes_max && !shown.empty(); ++pass)
    {
        if (pass > 0)
        {
            auto const again_at = with_.clock.now() + pass_wait;
            so_far_.again_at = again_at;
            with_.tell(so_far_);
            so_far_.again_at.reset();
            co_await with_.clock.wait_until(again_at);
        }
        json::array failed;
        int faults_in_a_row = 0;
        for (auto& one : shown)
        {
            auto ended = co_await look_at(order, place, one, listed_at);
            if (ended.fault == bitbucket::api_fault::none)
            {
                faults_in_a_row = 0;
                out.read.push_back(number_of(one, "/id").value_or(0));
                ++so_far_.looked_at;
                with_.tell(so_far_);
                continue;
            }
            bool const ends_all = ended.fault == bitbucket::api_fault::cancelled ||
                                  ended.fault == bitbucket::api_fault::unauthorized;
            out.ended = std::move(ended);
            if (ends_all || ++faults_in_a_row == faults_in_a_row_max)
                co_return out;
            failed.push_back(std::move(one));
        }
        shown = std::move(failed);
    }
    for (auto const& one : shown)
        out.failed.push_back(number_of(one, "/id").value_or(0));
    if (out.failed.empty())
        out.ended = {};
    co_return out;
}

// The last changed first.
asio::awaitable<bitbucket::listing> crawler::list(shared_order order, bitbucket::repository_place place)
{
    auto const is_open = order->reach == crawl_reach::open || !order->repository.cursor;
    bool const is_cloud = order->source.edition == edition::cloud;
    auto question = question_of(
        is_cloud && !is_open ? api_topic::changed_pull_requests : api_topic::open_pull_requests, place
    );
    question.changed_after = order->repository.cursor;
    auto read_open = co_await read(order->source.link, order->who, question);
    auto& found = read_open.found;
    if (is_open || !found.is_whole() || (is_cloud && order->reach != crawl_reach::swept))
        co_return std::move(found);
    if (is_cloud)
    {
        auto swept = co_await add_open(order, std::move(place), std::move(found));
        co_return swept;
    }
    auto all = co_await add_closed(order, std::move(place), std::move(found));
    co_return all;
}

// Behind those that changed stand those that did not: they are looked at first.
asio::awaitable<bitbucket::listing> crawler::add_open(
    shared_order order, bitbucket::repository_place place, bitbucket::listing changed
)
{
    auto const question = question_of(api_topic::open_pull_requests, std::move(place));
    auto read_open = co_await read(order->source.link, order->who, question);
    auto& open = read_open.found;
    auto const known = numbers_of(changed.values);
    for (auto& one : open.values)
        if (!known.contains(number_of(one, "/id").value_or(0)))
            changed.values.push_back(std::move(one));
    if (!open.is_whole())
        static_cast<bitbucket::api_outcome&>(changed) = static_cast<bitbucket::api_outcome&>(open);
    co_return changed;
}

// Data Center tells of no comment by the date of its pull request: all that are open are looked at, and those
// that were closed since the cursor.
asio::awaitable<bitbucket::listing> crawler::add_closed(
    shared_order order, bitbucket::repository_place place, bitbucket::listing open
)
{
    auto question = question_of(api_topic::changed_pull_requests, place);
    question.pages_max = closed_pages_max;
    auto read_closed = co_await read(order->source.link, order->who, question);
    auto& all = read_closed.found;
    auto const since = *order->repository.cursor;
    bool reaches_back = all.is_whole();
    auto const repository = id_of_repository(all.values);
    for (auto& one : all.values)
    {
        auto const at = changed_at(one);
        reaches_back = reaches_back || (at && *at <= since);
        if (!is_open_there(one) && (!at || *at > since))
            open.values.push_back(std::move(one));
    }
    bool const is_whole = open.is_whole();
    if (!reaches_back)
        static_cast<bitbucket::api_outcome&>(open) = static_cast<bitbucket::api_outcome&>(all);
    if (is_whole && !repository.empty() && with_.known_open)
    {
        auto more = co_await ask_about_vanished(order, std::move(place), numbers_of(open.values), repository);
        for (auto& one : more.values)
            open.values.push_back(std::move(one));
        if (open.is_whole())
            static_cast<bitbucket::api_outcome&>(open) = static_cast<bitbucket::api_outcome&>(more);
    }
    std::ranges::stable_sort(
        open.values,
        [](json::value const& left, json::value const& right) { return changed_at(left) > changed_at(right); }
    );
    co_return open;
}

// Those that were open and are not listed as such any more, whatever order the list of all has. One that
// cannot be read is a pull request that failed. Those that are not asked about now are known as open still,
// wherever the cursor stands.
asio::awaitable<bitbucket::listing> crawler::ask_about_vanished(
    shared_order order,
    bitbucket::repository_place place,
    std::set<std::int64_t> listed,
    std::string repository
)
{
    bitbucket::listing out;
    auto vanished = co_await with_.known_open(std::move(repository));
    std::erase_if(vanished, [&](std::int64_t id) { return listed.contains(id); });
    if (vanished.size() > vanished_max)
        out.fail(
            bitbucket::api_fault::page_limit,
            std::to_string(vanished.size()) + " pull requests that were open are in no list, " +
                std::to_string(vanished_max) + " of them are asked about"
        );
    vanished.resize(std::min(vanished.size(), vanished_max));
    int faults_in_a_row = 0;
    for (auto const id : vanished)
    {
        auto shown =
            co_await read(order->source.link, order->who, question_of(api_topic::pull_request, place, id));
        auto& one = shown.found;
        if (one.fault == bitbucket::api_fault::not_found || one.fault == bitbucket::api_fault::gone)
            gone_.push_back(id);
        else if (!one.is_whole())
        {
            bool const ends_all = one.fault == bitbucket::api_fault::cancelled ||
                                  one.fault == bitbucket::api_fault::unauthorized;
            unread_.emplace_back(id, static_cast<bitbucket::api_outcome&>(one));
            if (ends_all)
                static_cast<bitbucket::api_outcome&>(out) = static_cast<bitbucket::api_outcome&>(one);
            if (ends_all || ++faults_in_a_row == faults_in_a_row_max)
                break;
            continue;
        }
        faults_in_a_row = 0;
        for (auto& value : one.values)
            out.values.push_back(std::move(value));
    }
    co_return out;
}

asio::awaitable<bitbucket::api_outcome> crawler::look_at(
    shared_order order, bitbucket::repository_place place, json::value shown, time_point listed_at
)
{
    bitbucket::api_outcome out;
    auto const id = number_of(shown, "/id");
    if (!id)
    {
        out.fail(bitbucket::api_fault::not_a_page, "a pull request of the list has no id");
        co_return out;
    }
    look_answers seen;
    seen.edition = order->source.edition;
    seen.repository = repository_in(shown, seen.edition);
    seen.since = order->repository.watched_since;
    seen.folds = order->folds;
    // The oldest of the answers: what came in between by other ways is newer.
    seen.asked_at = listed_at;
    auto comments =
        co_await read(order->source.link, order->who, question_of(api_topic::comments, place, *id));
    // A list that could not be read to its end shows what it shows.
    if (!comments.found.is_whole() && comments.found.values.empty())
        co_return static_cast<bitbucket::api_outcome&>(comments.found);
    seen.are_comments_whole = comments.found.is_whole() && comments.is_in_one_go;
    seen.comments = std::move(comments.found.values);
    out = static_cast<bitbucket::api_outcome&>(comments.found);
    auto const asks_tasks = co_await asks_for_tasks(order, shown);
    if (asks_tasks)
    {
        auto tasks = co_await read(order->source.link, order->who, question_of(api_topic::tasks, place, *id));
        seen.are_tasks_whole = tasks.found.is_whole() && tasks.is_in_one_go;
        if (tasks.found.is_whole() || !tasks.found.values.empty())
            seen.tasks = std::move(tasks.found.values);
        if (!tasks.found.is_whole())
            out = static_cast<bitbucket::api_outcome&>(tasks.found);
    }
    auto commit = head_to_ask(shown, seen.edition);
    auto repository = seen.repository;
    seen.pull_request = std::move(shown);
    auto row = row_of(order->source, event_origin::catch_up, seen, with_.clock.now());
    auto const kept = co_await with_.keep(std::move(row));
    if (!kept)
        out.fail(bitbucket::api_fault::unavailable, kept.error().message);
    else if (!commit.empty() && builds_.fault == bitbucket::api_fault::none)
    {
        auto built = co_await look_at_builds(order, std::move(repository), std::move(commit));
        if (built.fault != bitbucket::api_fault::none)
            out = std::move(built);
    }
    co_return out;
}

// Cloud counts the open tasks alone, and moves no date with them: where there is none now, one that is known
// as open was resolved, and no other is looked for but at each sweep and when the pull request is closed.
asio::awaitable<bool> crawler::asks_for_tasks(shared_order order, json::value shown)
{
    auto const of = order->source.edition;
    if (of == edition::data_center || order->reach == crawl_reach::swept || !is_open_there(shown) ||
        number_of(shown, "/task_count") != 0)
        co_return true;
    auto const* repository = member(repository_in(shown, of), "/uuid");
    auto const id = number_of(shown, "/id");
    if (repository == nullptr || !repository->is_string() || !id)
        co_return false;
    auto const has_open = co_await with_.has_open_tasks(std::string(repository->as_string()), *id);
    co_return has_open;
}

// Behind the row of its pull request, which makes its head known. Where they may not be asked for, they may
// not in the whole repository.
asio::awaitable<bitbucket::api_outcome> crawler::look_at_builds(
    shared_order order, json::value repository, std::string commit
)
{
    build_answers seen;
    seen.repository = std::move(repository);
    seen.commit = commit;
    seen.since = order->repository.watched_since;
    api_question question;
    question.topic = api_topic::builds;
    question.commit = std::move(commit);
    auto built = co_await read(order->source.link, order->who, std::move(question));
    auto& said = built.found;
    auto& ended = static_cast<bitbucket::api_outcome&>(said);
    seen.asked_at = said.began_at.value_or(with_.clock.now());
    seen.builds = std::move(said.values);
    if (bitbucket::is_lasting(ended.fault))
    {
        builds_ = std::move(ended);
        co_return bitbucket::api_outcome();
    }
    if (seen.builds.empty())
        co_return std::move(ended);
    auto row = row_of(order->source, event_origin::catch_up, seen, with_.clock.now());
    auto const kept = co_await with_.keep(std::move(row));
    if (!kept)
        ended.fail(bitbucket::api_fault::unavailable, kept.error().message);
    co_return std::move(ended);
}

asio::awaitable<crawler::repository_list> crawler::repositories_of(polled_source source, priority who)
{
    repository_list out;
    std::set<std::string> names(source.repositories.begin(), source.repositories.end());
    auto owners = source.projects;
    if (!source.workspace.empty())
        owners.push_back(source.workspace);
    for (auto const& owner : owners)
    {
        auto const question =
            question_of(api_topic::repositories, bitbucket::repository_place(owner, std::string()));
        auto const listed = co_await read(source.link, who, question);
        auto const& found = listed.found;
        take_names(found, source.edition, names);
        if (!found.is_whole())
            out.ended = static_cast<bitbucket::api_outcome const&>(found);
    }
    out.full_names.assign(names.begin(), names.end());
    co_return out;
}

}  // namespace linkspan
