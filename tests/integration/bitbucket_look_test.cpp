// A look is made of what the REST clients get: trimmed by the fields that they ask for, it still says what
// events are made of.
#include "core/bitbucket/event_memory.hpp"
#include "core/bitbucket/look_body.hpp"
#include "links/bitbucket/cloud_rest.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "tests/support/bitbucket_peer.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <boost/algorithm/string/split.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;
using bitbucket::repository_place;

std::string ada_account()
{
    return R"({"account_id":"ada","uuid":"{ada}","display_name":"Ada","nickname":"ada","type":"user",
        "links":{"avatar":{"href":"https://bitbucket.org/ada.png"}}})";
}

// As Cloud's document has it: more than anybody needs.
std::string whole_pull_request()
{
    return R"({"id":7,"title":"Limits","description":"","state":"MERGED","draft":false,"reason":"",
        "rendered":{"title":{"raw":"Limits"}},"summary":{"raw":""},"author":)" +
           ada_account() + R"(,"closed_by":)" + ada_account() +
           R"(,"merge_commit":{"hash":"abcdef123456","type":"commit"},"close_source_branch":true,
        "source":{"branch":{"name":"feature/limits"},"commit":{"hash":"aaaaaaaaaaaa"},"repository":{"uuid":"{r}",
        "full_name":"acme/api","name":"API"}},"destination":{"branch":{"name":"main"},"commit":{"hash":
        "bbbbbbbbbbbb"},"repository":{"uuid":"{r}","full_name":"acme/api","name":"API"}},"reviewers":[)" +
           ada_account() +
           R"(],"participants":[{"role":"REVIEWER","state":"approved","approved":true,"user":)" +
           ada_account() +
           R"(}],"comment_count":1,"task_count":1,"created_on":"2026-11-20T09:00:00Z",
        "updated_on":"2026-11-20T09:59:00Z","links":{"html":{"href":"https://bitbucket.org/acme/api/pull-requests/7"},
        "self":{"href":"https://api.bitbucket.org/2.0/x"}},"type":"pullrequest"})";
}

std::string whole_comment()
{
    return R"({"id":1,"content":{"raw":"Why?","html":"<p>Why?</p>"},"user":)" + ada_account() +
           R"(,"parent":null,"inline":{"path":"src/limit.cpp","to":4,"from":null},"deleted":false,"pending":false,
        "resolution":{"type":"comment_resolution","user":)" +
           ada_account() +
           R"(,"created_on":"2026-11-20T09:50:00Z"},"created_on":"2026-11-20T09:30:00Z",
        "updated_on":"2026-11-20T09:30:00Z","links":{"html":{"href":"https://bitbucket.org/x"}},
        "pullrequest":{"id":7,"title":"Limits"}})";
}

std::string whole_task()
{
    return R"({"id":5,"content":{"raw":"Do","html":"<p>Do</p>"},"state":"RESOLVED","creator":)" +
           ada_account() + R"(,"comment":{"id":1,"links":{}},"resolved_by":)" + ada_account() +
           R"(,"resolved_on":"2026-11-20T09:55:00Z","created_on":"2026-11-20T09:40:00Z",
        "updated_on":"2026-11-20T09:55:00Z","pending":false,"links":{}})";
}

// What `fields` leaves of an answer (Partial responses): paths through members, and through all items of
// lists.
json::value trimmed(json::value const& whole, std::vector<std::string> const& fields)
{
    if (auto const* list = whole.if_array())
    {
        json::array out;
        for (auto const& one : *list)
            out.push_back(trimmed(one, fields));
        return out;
    }
    auto const* object = whole.if_object();
    if (object == nullptr)
        return whole;
    json::object out;
    for (auto const& [name, value] : *object)
    {
        std::vector<std::string> below;
        bool is_whole = false;
        for (auto const& field : fields)
        {
            auto const dot = field.find('.');
            if (std::string_view(field).substr(0, dot) != std::string_view(name.data(), name.size()))
                continue;
            if (dot == field.npos)
                is_whole = true;
            else
                below.push_back(field.substr(dot + 1));
        }
        if (is_whole)
            out.emplace(name, value);
        else if (!below.empty())
            out.emplace(name, trimmed(value, below));
    }
    return out;
}

class bitbucket_look : public bitbucket_peer
{
protected:
    // The answer to a call, trimmed by the fields that the same call asks for.
    template <class Call>
    auto ask_trimmed(Call call, std::string const& whole)
    {
        answer_with(200, R"({"values":[]})");
        ask(call(access()));
        auto target = asked_last().target;
        boost::algorithm::replace_all(target, "%2C", ",");
        auto const begin = target.find("fields=") + 7;
        auto const asked = target.substr(begin, target.find('&', begin) - begin);
        std::vector<std::string> fields;
        boost::algorithm::split(fields, asked, [](char c) { return c == ','; });
        answer_with(200, json::serialize(trimmed(json::parse(whole), fields)));
        return ask(call(access()));
    }

    static std::vector<event> found_in(look_answers const& shown)
    {
        auto const body = look_body(shown);
        inbound delivery;
        delivery.edition = shown.edition;
        delivery.event_key = look_key;
        delivery.origin = event_origin::poll;
        delivery.body = body;
        auto const said = read_delivery(delivery);
        EXPECT_TRUE(said) << said.error().message;
        if (!said)
            return {};
        digest_context context;
        context.edition = shown.edition;
        context.instance = "bitbucket.org";
        context.origin = delivery.origin;
        context.received_at = shown.asked_at;
        event_memory memory;
        return memory.take(*said, context);
    }

    static look_answers answers(edition of)
    {
        look_answers out;
        out.edition = of;
        out.asked_at = parse_time("2026-11-20T10:00:00Z").value();
        out.since = parse_time("2026-11-20T08:00:00Z").value();
        return out;
    }

    static std::multiset<std::string> kinds(std::vector<event> const& events)
    {
        std::multiset<std::string> out;
        for (auto const& one : events)
            out.emplace(name_of(one.kind));
        return out;
    }

    repository_place const place_{"acme", "api"};
};

TEST_F(bitbucket_look, of_cloud_is_made_of_trimmed_answers)
{
    auto const shown = ask_trimmed(
        [&](auto api) { return bitbucket::cloud::get_pull_request(api, place_, 7); }, whole_pull_request()
    );
    auto const comments = ask_trimmed(
        [&](auto api) { return bitbucket::cloud::list_comments(api, place_, 7); },
        R"({"values":[)" + whole_comment() + R"(],"size":1,"page":1})"
    );
    auto const tasks = ask_trimmed(
        [&](auto api) { return bitbucket::cloud::list_tasks(api, place_, 7); },
        R"({"values":[)" + whole_task() + R"(],"size":1})"
    );
    EXPECT_EQ(shown.text.find("rendered"), std::string::npos) << "nobody asked for it";
    auto out = answers(edition::cloud);
    out.repository = json::parse(R"({"full_name":"acme/api"})");
    out.pull_request = shown.body;
    out.comments = comments.values;
    out.tasks = tasks.values;
    out.are_comments_whole = comments.is_whole();
    out.are_tasks_whole = tasks.is_whole();
    auto const found = found_in(out);
    EXPECT_EQ(
        kinds(found),
        (std::multiset<std::string>{
            "comment.added",
            "comment.resolved",
            "pull_request.approved",
            "pull_request.merged",
            "pull_request.opened",
            "task.added",
            "task.resolved"})
    );
    for (auto const& one : found)
    {
        EXPECT_EQ(one.actor.value().id, "ada") << name_of(one.kind);
        EXPECT_EQ(one.repository.value().id, "{r}");
        EXPECT_EQ(one.pull_request.value().url, "https://bitbucket.org/acme/api/pull-requests/7");
        if (auto const* closed = std::get_if<closing>(&one.detail))
        {
            EXPECT_EQ(closed->commit, "abcdef123456");
        }
        if (one.kind == event_kind::comment_added)
        {
            EXPECT_EQ(std::get<comment_detail>(one.detail).comment.anchor.value().to, 4);
        }
    }
}

TEST_F(bitbucket_look, of_a_data_center_is_made_of_activities_and_blockers)
{
    auto const note = [](int id, std::string const& more)
    {
        return R"({"id":)" + std::to_string(id) +
               R"(,"version":1,"text":"x","author":{"id":2,"name":"lin","slug":"lin","type":"NORMAL"},
            "createdDate":1795167000000,"updatedDate":1795167000000,"properties":{"repositoryId":9})" +
               more + "}";
    };
    auto const blocker = note(
        13,
        R"(,"severity":"BLOCKER","state":"RESOLVED","resolvedDate":1795167500000,"resolver":{"id":2,"name":"lin"})"
    );
    answer_with(
        200,
        R"({"values":[{"id":3,"action":"MERGED","user":{"id":2,"name":"lin"},"createdDate":1795168000000},
        {"id":2,"action":"COMMENTED","commentAction":"ADDED","comment":)" +
            note(
                11, R"(,"severity":"NORMAL","state":"OPEN","comments":[)" + note(12, "") + "," + blocker + "]"
            ) +
            R"(},{"id":1,"action":"OPENED"}],"isLastPage":true})"
    );
    auto const activities = ask(bitbucket::data_center::list_activities(access("/"), {"ACME", "api"}, 7));
    answer_with(200, R"({"values":[)" + blocker + R"(],"isLastPage":true})");
    auto const blockers = ask(bitbucket::data_center::list_blocker_comments(access("/"), {"ACME", "api"}, 7));
    auto out = answers(edition::data_center);
    out.repository = json::parse(R"({"id":9,"slug":"api","project":{"key":"ACME"}})");
    out.pull_request = json::parse(R"({"id":7})");
    out.comments = activities.values;
    out.tasks = blockers.values;
    out.are_comments_whole = activities.is_whole();
    out.are_tasks_whole = blockers.is_whole();
    auto const found = found_in(out);
    EXPECT_EQ(
        kinds(found),
        (std::multiset<std::string>{"comment.added", "comment.added", "task.added", "task.resolved"})
    );
    for (auto const& one : found)
        EXPECT_EQ(one.actor.value().id, "2") << name_of(one.kind);
}

}  // namespace
}  // namespace linkspan::test
