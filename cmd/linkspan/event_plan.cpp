#include "cmd/linkspan/event_plan.hpp"

#include "core/route/cause.hpp"
#include "store/event_core.hpp"
#include "store/events.hpp"
#include "store/facts.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace linkspan
{
namespace
{

constexpr std::string_view no_api = "no [[source]] asks the API of its Bitbucket";

bool needs_paths(planned_delivery const& one)
{
    return std::ranges::find(one.needs, fact::changed_paths) != one.needs.end();
}

// Takes out what is to be decided by changed paths.
std::vector<planned_delivery> take_undecided(std::vector<planned_delivery>& planned)
{
    auto const first = std::stable_partition(
        planned.begin(), planned.end(), [](planned_delivery const& one) { return !needs_paths(one); }
    );
    std::vector<planned_delivery> out(std::make_move_iterator(first), std::make_move_iterator(planned.end()));
    planned.erase(first, planned.end());
    return out;
}

result<std::vector<event>> cause_of(transaction& tx, event const& happening)
{
    if (happening.kind != event_kind::pull_request_commits_pushed || !happening.cause)
        return std::vector<event>();
    return events_of_cause(tx, happening);
}

// The question about its commits whose answer is not known; nothing: they are all told.
result<std::optional<fact_question>> open_commits_question(transaction& tx, event const& happening)
{
    auto const of_cause = cause_of(tx, happening);
    if (!of_cause)
        return of_cause.error();
    auto question = commits_question(happening, *of_cause);
    if (!question)
        return question;
    auto const known = is_known(tx, *question);
    if (!known)
        return known.error();
    if (*known)
        question.reset();
    return question;
}

// What another event of the same push has told or may tell, in `planned` no more; what waits for it.
result<> put_beside(
    transaction& tx,
    event const& happening,
    std::vector<planned_delivery>& planned,
    std::vector<planned_delivery>& waiting,
    std::set<lane>& lanes
)
{
    if (!happening.cause || planned.empty())
        return {};
    auto const twins = twins_of(tx, happening);
    if (!twins)
        return twins.error();
    auto beside = plan_beside(happening, std::move(planned), *twins);
    planned = std::move(beside.planned);
    waiting = std::move(beside.waiting);
    auto const replaced = replace_deliveries(tx, beside.replaced, "told with " + happening.id.value);
    if (!replaced)
        return replaced.error();
    lanes.insert(replaced->begin(), replaced->end());
    return {};
}

// Of the messages of a branch those that a pull request's event is expected to take the place of.
result<> wait_for_expected(
    transaction& tx,
    event const& happening,
    rule_set const& rules,
    std::vector<planned_delivery>& planned,
    std::vector<planned_delivery>& waiting
)
{
    if (!happening.cause || !gives_way(happening.kind) || planned.empty())
        return {};
    auto const expected = expected_pull_requests(tx, happening);
    if (!expected)
        return expected.error();
    auto more = take_waiting(planned, rules, *expected);
    waiting.insert(waiting.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return {};
}

// What is to be decided by changed paths, where they are known or cannot be asked for.
result<> decide_now(
    transaction& tx,
    event_row stored,
    event const& happening,
    rule_set const& rules,
    known_facts const& known,
    std::vector<planned_delivery>& undecided,
    std::vector<planned_delivery>& planned
)
{
    for (auto& one : decide(rules, happening, known, std::move(undecided)))
        if (one.is_taken)
            planned.push_back(std::move(one.plan));
        else if (auto const noted = note_not_taken(tx, stored, one.plan, one.reason); !noted)
            return noted;
    undecided.clear();
    return {};
}

}  // namespace

result<known_facts> facts_about(transaction& tx, event const& happening)
{
    known_facts out;
    auto const question = paths_question(happening);
    if (!question)
    {
        out.changed_paths_missing = true;
        out.fault = no_two_commits;
        return out;
    }
    auto known = find_paths(tx, *question);
    if (!known && known.error().code != errc::invalid)
        return known.error();
    if (!known || !*known)
        return out;  // a row that cannot be read is asked for again
    out.changed_paths = std::move((*known)->paths);
    out.fault = std::move((*known)->fault);
    out.changed_paths_missing = !out.fault.empty();
    return out;
}

result<> plan_event(
    transaction& tx,
    event_row stored,
    event const& happening,
    rule_set const& rules,
    bool is_asked,
    planned_event& out
)
{
    auto planned = route(rules, happening);
    if (planned.empty())
        return {};
    auto undecided = take_undecided(planned);
    if (!undecided.empty())
    {
        auto known = facts_about(tx, happening);
        if (!known)
            return known.error();
        if (!is_asked && !known->changed_paths && !known->changed_paths_missing)
        {
            known->changed_paths_missing = true;
            known->fault = no_api;
        }
        if (known->changed_paths || known->changed_paths_missing)
            if (auto const done = decide_now(tx, stored, happening, rules, *known, undecided, planned); !done)
                return done;
    }
    std::vector<planned_delivery> waiting;
    if (auto const done = put_beside(tx, happening, planned, waiting, out.lanes); !done)
        return done;
    planned.insert(
        planned.end(), std::make_move_iterator(undecided.begin()), std::make_move_iterator(undecided.end())
    );
    if (auto const done = wait_for_expected(tx, happening, rules, planned, waiting); !done)
        return done;
    if (is_asked && (!planned.empty() || !waiting.empty()))
    {
        auto const question = open_commits_question(tx, happening);
        if (!question)
            return question.error();
        if (*question)
            for (auto* messages : {&planned, &waiting})
                for (auto& one : *messages)
                    one.needs.push_back(fact::commits);
    }
    for (auto const& [messages, due_at] :
         {std::pair(&planned, tx.now()), std::pair(&waiting, tx.now() + cause_wait)})
    {
        if (auto const done = plan_deliveries(tx, stored, *messages, due_at); !done)
            return done;
        for (auto const& one : *messages)
        {
            out.lanes.emplace(one.destination, one.conversation);
            out.waits = out.waits || !one.needs.empty();
        }
    }
    return {};
}

// --- later, when facts are known or the time is up

result<std::vector<waiting_event>> read_waiting(transaction& tx, std::int64_t deliveries_max)
{
    auto listed = list_waiting(tx, deliveries_max);
    if (!listed)
        return listed.error();
    std::vector<waiting_event> out;
    for (auto& one : *listed)
    {
        auto place = std::ranges::find(out, one.happening, &waiting_event::row);
        if (place == out.end())
        {
            place = out.insert(out.end(), waiting_event());
            place->row = one.happening;
            place->decide_by = one.decide_by;
        }
        place->deliveries.push_back(std::move(one));
    }
    for (auto& of : out)
    {
        auto read = read_event(tx, of.row);
        if (!read && read.error().code != errc::invalid && read.error().code != errc::not_found)
            return read.error();
        if (!read)
            continue;
        of.happening = std::move(*read);
        bool const asks_paths = std::ranges::any_of(
            of.deliveries, [](waiting_delivery const& one) { return needs_paths(one.plan); }
        );
        if (auto question = paths_question(*of.happening); asks_paths && question)
        {
            auto const known = is_known(tx, *question);
            if (!known)
                return known.error();
            if (!*known)
                of.open.push_back(std::move(*question));
        }
        auto commits = open_commits_question(tx, *of.happening);
        if (!commits)
            return commits.error();
        if (*commits)
            of.open.push_back(std::move(**commits));
    }
    return out;
}

namespace
{

// Whether the rules take it, as waiting_delivery::plan then says.
result<bool> decide_one(
    transaction& tx,
    waiting_event const& of,
    rule_set const& rules,
    known_facts const& known,
    waiting_delivery& one
)
{
    if (!needs_paths(one.plan))
        return true;
    auto decided = decide(rules, *of.happening, known, {one.plan});
    if (!decided.front().is_taken)
    {
        if (auto const done = drop_delivery(tx, one.id, decided.front().reason); !done)
            return done.error();
        return false;
    }
    one.plan = std::move(decided.front().plan);
    return true;
}

// Whether it is to be told beside the other event of its push; that one is replaced where it gives way.
result<bool> is_told_beside(
    transaction& tx, event const& happening, waiting_delivery& one, std::set<lane>& lanes
)
{
    std::vector<planned_delivery> planned{one.plan};
    std::vector<planned_delivery> waiting;
    if (auto const done = put_beside(tx, happening, planned, waiting, lanes); !done)
        return done.error();
    if (!waiting.empty())
        one.due_at = std::max(one.due_at, tx.now() + cause_wait);
    if (!planned.empty() || !waiting.empty())
        return true;
    auto const replaced = replace_deliveries(tx, {one.id.value}, "another event of the same push is told");
    if (!replaced)
        return replaced.error();
    return false;
}

}  // namespace

result<decided_event> decide_event(
    transaction& tx,
    waiting_event const& of,
    rule_set const& rules,
    missing_facts const& missing,
    std::set<lane>& lanes
)
{
    decided_event out;
    known_facts known;
    if (of.happening)
    {
        auto found = facts_about(tx, *of.happening);
        if (!found)
            return found.error();
        known = std::move(*found);
    }
    if (!known.changed_paths && !known.changed_paths_missing)
    {
        known.changed_paths_missing = true;
        known.fault = missing.changed_paths;
    }
    for (auto one : of.deliveries)
    {
        lanes.emplace(one.plan.destination, one.plan.conversation);
        bool const asked_paths = needs_paths(one.plan);
        bool const asked_commits = std::ranges::find(one.plan.needs, fact::commits) != one.plan.needs.end();
        if (of.happening)
        {
            auto const taken = decide_one(tx, of, rules, known, one);
            if (!taken)
                return taken.error();
            out.not_taken += *taken ? 0U : 1U;
            if (!*taken)
                continue;
            if (asked_paths)
            {
                auto const told = is_told_beside(tx, *of.happening, one, lanes);
                if (!told)
                    return told.error();
                if (!*told)
                    continue;
            }
        }
        if (asked_commits && !missing.commits.empty())
            one.plan.why = why_without_commits(std::move(one.plan.why), missing.commits);
        if (auto const done = release_delivery(tx, one); !done)
            return done.error();
        ++out.sent;
    }
    return out;
}

}  // namespace linkspan
