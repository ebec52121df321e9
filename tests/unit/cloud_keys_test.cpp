#include "core/base/http_time.hpp"
#include "core/bitbucket/event_memory.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/own_deliveries.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// Cloud's keys beside those of the sample story: cloud_reader_test.cpp has the rest.

namespace linkspan
{
namespace
{

result<reading> read_members(std::string key, std::string const& members, std::string_view event_time = "")
{
    auto const body =
        R"({"actor":{"uuid":"{ada}"},"repository":{"uuid":"{r}","full_name":"acme/api"},)" + members + "}";
    inbound delivery;
    delivery.event_key = std::move(key);
    delivery.body = body;
    delivery.event_time = parse_http_time(event_time);
    return read_delivery(delivery);
}

std::string message_of(std::string key, std::string const& members)
{
    auto const said = read_members(std::move(key), members);
    return said ? "" : said.error().message;
}

claim only_claim(result<reading> const& said)
{
    if (said && said->claims.size() == 1)
        return said->claims.front();
    ADD_FAILURE() << (said ? std::to_string(said->claims.size()) + " claims" : said.error().message);
    return {};
}

// --- comments ---

// Of members of one name the first counts: `members` stand before what they replace.
std::string cloud_comment(std::string const& members)
{
    return R"("pullrequest":{"id":7,"updated_on":"2026-11-20T10:40:00.5Z"},"comment":{"id":42)" + members +
           R"(,"content":{"raw":"x"},"user":{"uuid":"{grace}"},"created_on":"2026-11-20T10:00:00Z",
        "updated_on":"2026-11-20T10:20:00.25Z"})";
}

told_comment told_by_cloud(std::string const& what, std::string const& members = "")
{
    auto const said = read_members("pullrequest:comment_" + what, cloud_comment(members));
    if (said && said->comment)
        return *said->comment;
    ADD_FAILURE() << what << ": " << (said ? "no comment" : said.error().message);
    return {};
}

TEST(cloud_keys, what_happened_to_a_comment_and_when)
{
    struct row
    {
        char const* what;
        comment_news news;
        char const* at;
    };
    for (auto const& one :
         {row{"created", comment_news::added, "2026-11-20T10:00:00Z"},
          row{"updated", comment_news::edited, "2026-11-20T10:20:00.25Z"},
          row{"deleted", comment_news::deleted, "2026-11-20T10:20:00.25Z"},
          row{"resolved", comment_news::resolved, "2026-11-20T10:40:00.5Z"},
          row{"reopened", comment_news::reopened, "2026-11-20T10:40:00.5Z"}})
    {
        auto const said = told_by_cloud(one.what);
        EXPECT_EQ(said.news, one.news) << one.what;
        EXPECT_EQ(said.at, parse_time(one.at)) << one.what;
        EXPECT_EQ(said.order, to_milliseconds(*parse_time("2026-11-20T10:20:00.25Z"))) << one.what;
        EXPECT_EQ(said.comment.id, 42) << one.what;
        EXPECT_FALSE(said.task) << one.what;
    }
    EXPECT_EQ(
        told_by_cloud("resolved", R"(,"resolution":{"created_on":"2026-11-20T10:39:59Z"})").at,
        parse_time("2026-11-20T10:39:59Z")
    );
}

// Neither a withdrawal nor a reopened thread moves the pull request's updated_on, which is all that their
// bodies tell.
TEST(cloud_keys, what_has_no_moment_of_its_own_happened_when_it_was_sent)
{
    auto const later = "Fri, 20 Nov 2026 10:50:00 GMT";
    auto const earlier = "Fri, 20 Nov 2026 10:30:00 GMT";
    auto const updated = parse_time("2026-11-20T10:40:00.5Z");
    auto const review_at = [](std::string const& key, std::string const& member, std::string_view sent)
    {
        auto const body = R"("pullrequest":{"id":7,"updated_on":"2026-11-20T10:40:00.5Z"},")" + member +
                          R"(":{"date":"2026-11-20T10:10:00Z","user":{"uuid":"{lin}"}})";
        return only_claim(read_members("pullrequest:" + key, body, sent)).at;
    };
    for (auto const& [key, member] :
         {std::pair("unapproved", "approval"), std::pair("changes_request_removed", "changes_request")})
    {
        EXPECT_EQ(review_at(key, member, later), parse_http_time(later)) << key;
        EXPECT_EQ(review_at(key, member, earlier), updated) << key;
        EXPECT_EQ(review_at(key, member, ""), updated) << key;
    }
    EXPECT_EQ(review_at("approved", "approval", later), parse_time("2026-11-20T10:10:00Z"))
        << "it tells when";

    auto const comment_at =
        [](std::string const& what, std::string_view sent, std::string const& members = "")
    {
        return read_members("pullrequest:comment_" + what, cloud_comment(members), sent)
            .value()
            .comment.value()
            .at;
    };
    EXPECT_EQ(comment_at("reopened", later), parse_http_time(later));
    EXPECT_EQ(comment_at("reopened", earlier), updated);
    EXPECT_EQ(
        comment_at("reopened", earlier, R"(,"updated_on":"2026-11-20T10:45:00Z")"),
        parse_time("2026-11-20T10:45:00Z")
    );
    EXPECT_EQ(comment_at("resolved", later), updated);
    EXPECT_EQ(comment_at("updated", later), parse_time("2026-11-20T10:20:00.25Z"));
}

TEST(cloud_keys, whether_a_thread_is_resolved)
{
    EXPECT_EQ(told_by_cloud("created").comment.resolved, std::nullopt) << "a body without it says nothing";
    EXPECT_EQ(told_by_cloud("updated", R"(,"resolution":null)").comment.resolved, std::nullopt);
    EXPECT_EQ(told_by_cloud("updated", R"(,"resolution":{})").comment.resolved, true);
    EXPECT_EQ(told_by_cloud("created", R"(,"resolution":{"type":"x"})").comment.resolved, true);
    EXPECT_EQ(told_by_cloud("resolved").comment.resolved, true) << "the key says so";
    EXPECT_EQ(told_by_cloud("reopened").comment.resolved, false);
    EXPECT_EQ(told_by_cloud("reopened", R"(,"resolution":{})").comment.resolved, false);
    EXPECT_EQ(
        told_by_cloud("updated", R"(,"parent":{"id":40},"resolution":{})").comment.resolved, std::nullopt
    ) << "a reply";
}

TEST(cloud_keys, what_is_hidden_is_not_told)
{
    for (auto const* what : {"created", "updated", "deleted", "resolved", "reopened"})
        EXPECT_FALSE(
            read_members(std::string("pullrequest:comment_") + what, cloud_comment(R"(,"pending":true)"))
                .value()
                .comment
        ) << what;
    for (auto const* what : {"created", "updated"})
        EXPECT_FALSE(
            read_members(std::string("pullrequest:comment_") + what, cloud_comment(R"(,"deleted":true)"))
                .value()
                .comment
        ) << what;
    EXPECT_EQ(told_by_cloud("deleted", R"(,"deleted":true)").news, comment_news::deleted);
    EXPECT_EQ(told_by_cloud("resolved", R"(,"deleted":true)").news, comment_news::resolved)
        << "its replies stay";
}

TEST(cloud_keys, who_did_it_where_the_body_names_no_actor)
{
    auto const doer = [](std::string const& what, std::string const& members = "")
    {
        auto const body = R"({"repository":{"uuid":"{r}"},)" + cloud_comment(members) + "}";
        auto const said = test::read_body(edition::cloud, "pullrequest:comment_" + what, body);
        return said.value().actor ? said->actor->id : "nobody";
    };
    EXPECT_EQ(doer("created"), "{grace}");
    EXPECT_EQ(doer("updated"), "{grace}");
    EXPECT_EQ(doer("deleted"), "nobody") << "not its author for sure";
    EXPECT_EQ(doer("reopened"), "nobody");
    EXPECT_EQ(doer("resolved"), "nobody");
    EXPECT_EQ(doer("resolved", R"(,"resolution":{"user":{"uuid":"{lin}"}})"), "{lin}");
}

TEST(cloud_keys, a_comment_on_a_commit)
{
    std::string const members = R"("comment":{"id":17,"content":{"raw":"x"},
        "inline":{"path":"a.cpp","to":10},"created_on":"2026-11-20T10:00:00Z"})";
    auto const one =
        only_claim(read_members("repo:commit_comment_created", members + R"(,"commit":{"hash":"c0"})"));
    EXPECT_EQ(one.kind, event_kind::commit_commented);
    EXPECT_EQ(one.stamp, "17");
    EXPECT_EQ(one.at, parse_time("2026-11-20T10:00:00Z"));
    auto const& detail = std::get<comment_detail>(one.detail);
    EXPECT_EQ(detail.commit, "c0");
    EXPECT_EQ(detail.comment.anchor, (inline_anchor{"a.cpp", diff_side::after, 10, 10}));
    EXPECT_EQ(message_of("repo:commit_comment_created", members), "/commit/hash: is missing");
    auto const hidden = read_members(
        "repo:commit_comment_created", R"("comment":{"id":1,"deleted":true},"commit":{"hash":"c0"})"
    );
    EXPECT_TRUE(hidden.value().claims.empty());
}

// --- pull requests ---

TEST(cloud_keys, a_withdrawn_request_for_changes)
{
    auto const one = only_claim(read_members(
        "pullrequest:changes_request_removed",
        R"("pullrequest":{"id":7,"updated_on":"2026-11-20T10:15:00Z"},
            "changes_request":{"date":"2026-11-20T10:10:00Z","user":{"uuid":"{grace}"}})"
    ));
    EXPECT_EQ(one.kind, event_kind::pull_request_changes_request_withdrawn);
    EXPECT_EQ(one.identity, claim_identity::reviewer);
    EXPECT_EQ(one.at, parse_time("2026-11-20T10:15:00Z")) << "the date is that of the request";
    EXPECT_EQ(std::get<review>(one.detail).reviewer.id, "{grace}");
}

TEST(cloud_keys, a_push_to_a_pull_request_is_an_update)
{
    std::string const members = R"("pullrequest":{"id":7,"updated_on":"2026-11-20T10:15:00Z"})";
    auto const updated = only_claim(read_members("pullrequest:updated", members));
    auto const pushed = only_claim(read_members("pullrequest:push", members));
    EXPECT_EQ(pushed.kind, updated.kind);
    EXPECT_EQ(pushed.identity, claim_identity::update);
}

// --- pushes ---

std::optional<bool> cloud_forced(std::string const& members)
{
    auto const said = read_members(
        "repo:push",
        R"("push":{"changes":[{"old":{"type":"branch","name":"x",
        "target":{"hash":"aaaaaaaaaaaa0"}},"new":{"type":"branch","name":"x","target":{"hash":"bbbbbbbbbbbb0"}},)" +
            members + "}]}"
    );
    return std::get<ref_change>(only_claim(said).detail).forced;
}

std::string commits(std::string const& list)
{
    return R"("commits":[)" + list + "]";
}

TEST(cloud_keys, whether_a_push_rewrote_the_branch)
{
    std::string const top = R"({"hash":"bbbbbbbbbbbb0","parents":[{"hash":"cccccccccccc0"}]})";
    std::string const on_old =
        R"({"hash":"cccccccccccc0","parents":[{"hash":"ffffffffffff0"},{"hash":"aaaaaaaaaaaa0"}]})";
    std::string const elsewhere = R"({"hash":"cccccccccccc0","parents":[{"hash":"ffffffffffff0"}]})";
    std::string const orphan = R"({"hash":"cccccccccccc0"})";
    std::string const whole = R"("truncated":false,)";
    EXPECT_EQ(cloud_forced(whole + commits(top + "," + on_old)), false);
    EXPECT_EQ(cloud_forced(R"("truncated":true,)" + commits(top + "," + on_old)), false) << "it is there";
    EXPECT_EQ(cloud_forced(whole + commits(top + "," + elsewhere)), true);
    EXPECT_EQ(cloud_forced(R"("truncated":true,)" + commits(top + "," + elsewhere)), std::nullopt);
    EXPECT_EQ(cloud_forced(commits(top + "," + elsewhere)), std::nullopt) << "may be cut off";
    EXPECT_EQ(cloud_forced(whole + commits(top + "," + orphan)), std::nullopt) << "parents are not told";
    EXPECT_EQ(cloud_forced(whole + commits(elsewhere)), std::nullopt) << "the new tip is not in the list";
    EXPECT_EQ(cloud_forced(whole + commits("")), std::nullopt);
    EXPECT_EQ(cloud_forced(whole + R"("forced":false,)" + commits(top + "," + elsewhere)), false)
        << "what is told counts";
}

// --- repositories and projects ---

TEST(cloud_keys, a_fork)
{
    auto const one = only_claim(read_members(
        "repo:fork", R"("fork":{"uuid":"{f}","full_name":"lin/api","created_on":"2026-11-20T11:00:00Z"})"
    ));
    EXPECT_EQ(one.kind, event_kind::repository_forked);
    EXPECT_EQ(one.stamp, "{f}");
    EXPECT_EQ(one.at, parse_time("2026-11-20T11:00:00Z"));
    EXPECT_EQ(std::get<repository_change>(one.detail).fork.value().full_name, "lin/api");
    EXPECT_EQ(message_of("repo:fork", R"("x":1)"), "/fork/uuid: is missing");
}

TEST(cloud_keys, a_repository_that_is_updated_or_renamed)
{
    auto const said = [](std::string const& changes)
    { return only_claim(read_members("repo:updated", R"("changes":{)" + changes + "}")); };
    auto const plain = said(R"("description":{"old":"a","new":"b"},"website":{"old":null,"new":"w"})");
    EXPECT_EQ(plain.kind, event_kind::repository_updated);
    auto const detail = std::get<repository_change>(plain.detail);
    EXPECT_EQ(detail.fields, (std::vector<std::string>{"description", "website"}));
    EXPECT_FALSE(detail.before || detail.after);
    auto const renamed =
        said(R"("name":{"old":"Old","new":"New"},"full_name":{"old":"a/old","new":"a/new"})");
    EXPECT_EQ(renamed.kind, event_kind::repository_renamed);
    EXPECT_EQ(std::get<repository_change>(renamed.detail).before, "a/old");
    EXPECT_EQ(std::get<repository_change>(renamed.detail).after, "a/new");
    EXPECT_EQ(said(R"("slug":{"old":"old","new":"new"})").kind, event_kind::repository_renamed);
    auto const name = said(R"("name":{"old":"Old","new":"New"})");
    EXPECT_EQ(name.kind, event_kind::repository_renamed);
    EXPECT_EQ(std::get<repository_change>(name.detail).after, "New");
    EXPECT_EQ(said(R"("name":{"old":"Same","new":"Same"})").kind, event_kind::repository_updated);
    EXPECT_EQ(message_of("repo:updated", R"("x":1)"), "/changes: is missing");
    EXPECT_EQ(message_of("repo:updated", R"("changes":[])"), "/changes: expected an object");
    EXPECT_EQ(
        message_of("repo:updated", R"("changes":{"name":{"old":7}})"), "/changes/name/old: expected a string"
    );
}

// The bodies of some keys hold no stamp: two webhooks tell one happening, the header's time tells two.
TEST(cloud_keys, a_stamp_where_the_body_has_none)
{
    std::string const first = R"("changes":{"description":{"old":"a","new":"b"}})";
    std::string const back = R"("changes":{"description":{"old":"b","new":"a"}})";
    auto const stamp = [](std::string const& members, std::string_view time)
    { return only_claim(read_members("repo:updated", members, time)).stamp; };
    auto const noon = "Fri, 20 Nov 2026 12:00:00 GMT";
    auto const later = "Fri, 20 Nov 2026 12:00:05 GMT";
    EXPECT_EQ(stamp(first, noon), stamp(first, noon));
    EXPECT_NE(stamp(first, noon), stamp(back, noon));
    EXPECT_NE(stamp(first, noon), stamp(first, later)) << "made again";
    EXPECT_EQ(stamp(first, ""), stamp(first, ""));
    EXPECT_NE(stamp(first, ""), stamp(back, ""));
    auto const said = read_members("repo:updated", first, noon);
    EXPECT_EQ(said.value().occurred_at, parse_time("2026-11-20T12:00:00Z"));
    auto const told_by_cloud = read_members(
        "pullrequest:updated", R"("pullrequest":{"id":7,"updated_on":"2026-11-20T10:15:00.75Z"})", noon
    );
    EXPECT_EQ(told_by_cloud.value().occurred_at, parse_time("2026-11-20T10:15:00.75Z"))
        << "the body is more exact";
}

TEST(cloud_keys, a_repository_that_moves_comes_or_goes)
{
    auto const moved = only_claim(read_members(
        "repo:transfer", R"("previous_owner":{"username":"umbrella","uuid":"{u}","display_name":"U"})"
    ));
    EXPECT_EQ(moved.kind, event_kind::repository_transferred);
    EXPECT_EQ(std::get<repository_change>(moved.detail).before, "umbrella");
    EXPECT_EQ(std::get<repository_change>(moved.detail).after, "acme");
    auto const unnamed = only_claim(read_members("repo:transfer", R"("x":1)"));
    EXPECT_FALSE(std::get<repository_change>(unnamed.detail).before);
    EXPECT_NE(unnamed.stamp, moved.stamp);
    EXPECT_EQ(only_claim(read_members("repo:created", R"("x":1)")).kind, event_kind::repository_created);
    EXPECT_EQ(only_claim(read_members("repo:imported", R"("x":1)")).kind, event_kind::repository_imported);
    auto const gone = only_claim(read_members("repo:deleted", R"("x":1)"));
    EXPECT_EQ(gone.kind, event_kind::repository_deleted);
    EXPECT_EQ(gone.stamp, "") << "once for each repository";
}

TEST(cloud_keys, a_project_is_of_no_repository)
{
    auto const body = R"({"actor":{"uuid":"{ada}"},"project":{"uuid":"{p}","key":"ACME","name":"New"},
        "changes":{"name":{"old":"Old","new":"New"}}})";
    auto const said = test::read_body(edition::cloud, "project:updated", body);
    auto const one = only_claim(said);
    EXPECT_FALSE(said.value().repository);
    EXPECT_EQ(std::get<project_change>(one.detail), (project_change{"ACME", "Old", "New"}));
    EXPECT_TRUE(one.stamp.starts_with("{p}:"));
    auto const other = only_claim(
        test::read_body(edition::cloud, "project:updated", R"({"project":{"key":"ACME","name":"New"}})")
    );
    EXPECT_EQ(std::get<project_change>(other.detail), (project_change{"ACME", std::nullopt, std::nullopt}));
    EXPECT_EQ(
        test::read_body(edition::cloud, "project:updated", "{}").error().message, "/project/key: is missing"
    );
}

// --- issues ---

TEST(cloud_keys, issues)
{
    std::string const issue = R"("issue":{"id":3,"title":"T","state":"open",
        "created_on":"2026-01-01T10:00:00Z","updated_on":"2026-01-02T10:00:00Z"})";
    auto const opened = only_claim(read_members("issue:created", issue));
    EXPECT_EQ(opened.kind, event_kind::issue_opened);
    EXPECT_EQ(opened.stamp, "3");
    EXPECT_EQ(opened.at, parse_time("2026-01-01T10:00:00Z"));
    auto const updated = only_claim(read_members(
        "issue:updated",
        issue + R"(,"changes":{"status":{"old":"new","new":"open"}},"comment":{"id":8,"content":{"raw":""}})"
    ));
    EXPECT_EQ(updated.kind, event_kind::issue_updated);
    EXPECT_EQ(updated.stamp, "3:" + std::to_string(to_milliseconds(*parse_time("2026-01-02T10:00:00Z"))));
    EXPECT_EQ(std::get<issue_detail>(updated.detail).fields, std::vector<std::string>{"status"});
    EXPECT_FALSE(std::get<issue_detail>(updated.detail).comment);
    auto const said = only_claim(read_members(
        "issue:comment_created",
        issue + R"(,"comment":{"id":9,"content":{"raw":"Yes"},"created_on":"2026-01-02T11:00:00Z"})"
    ));
    EXPECT_EQ(said.kind, event_kind::issue_commented);
    EXPECT_EQ(said.stamp, "3:9");
    EXPECT_EQ(said.at, parse_time("2026-01-02T11:00:00Z"));
    EXPECT_EQ(std::get<issue_detail>(said.detail).comment, "Yes");
    EXPECT_EQ(message_of("issue:created", R"("issue":{})"), "/issue/id: is missing");
    EXPECT_EQ(message_of("issue:comment_created", issue), "/comment/id: is missing");
}

// --- pipelines ---

result<reading> spans(std::string const& name, std::string const& attributes, std::string const& more = "")
{
    auto const body = R"({"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"spans":[{"name":")" +
                      name + R"(","attributes":[)" + attributes + "]" + more + "}]}]}]}";
    return test::read_body(edition::cloud, "pipeline:span_created", body);
}

std::string attribute(std::string const& key, std::string const& value)
{
    return R"({"key":")" + key + R"(","value":)" + value + "}";
}

std::string const run_id = attribute("pipeline_run.uuid", R"({"stringValue":"{run}"})");

TEST(cloud_keys, a_pipeline_that_has_ended)
{
    auto const said = spans(
        "bbc.pipeline_run",
        run_id + "," + attribute("pipeline.build_number", R"({"intValue":128})") + "," +
            attribute("pipeline.state.result.name", R"({"stringValue":"FAILED"})") + "," +
            attribute("pipeline.target.ref_name", R"({"stringValue":"main"})") + "," +
            attribute("pipeline.trigger.name", R"({"stringValue":"PUSH"})") + "," +
            attribute("pipeline.repository.uuid", R"({"stringValue":"r"})"),
        R"(,"endTimeUnixNano":"1795167005120934000")"
    );
    auto const one = only_claim(said);
    EXPECT_EQ(one.kind, event_kind::pipeline_finished);
    EXPECT_EQ(one.stamp, "{run}");
    EXPECT_EQ(one.at, from_milliseconds(1'795'167'005'120));
    EXPECT_EQ(std::get<pipeline_run>(one.detail), (pipeline_run{"{run}", 128, "FAILED", "main", "PUSH"}));
    EXPECT_EQ(one.repository.value().id, "{r}") << "the id that other deliveries give it";
    EXPECT_FALSE(said->actor);
}

std::string resource_spans(std::string const& repository, std::string const& run)
{
    auto const text = [](std::string const& value) { return R"({"stringValue":")" + value + "\"}"; };
    auto const named = repository.empty() ? "" : attribute("pipeline.repository.full_name", text(repository));
    return R"({"resource":{"attributes":[)" + named +
           R"(]},"scopeSpans":[{"spans":[{"name":"bbc.pipeline_run","attributes":[)" +
           attribute("pipeline_run.uuid", text(run)) + "]}]}]}";
}

TEST(cloud_keys, each_pipeline_is_of_its_own_repository)
{
    auto const events_of = [](std::string const& resources)
    {
        auto const said = test::read_body(
            edition::cloud, "pipeline:span_created", R"({"resourceSpans":[)" + resources + "]}"
        );
        digest_context context;
        context.instance = "bitbucket.org";
        return event_memory().take(said.value(), context);
    };
    auto const api = resource_spans("acme/api", "{1}");
    auto const web = resource_spans("acme/web", "{2}");
    auto const nameless = resource_spans("", "{3}");
    auto const events = events_of(api + "," + web + "," + nameless);
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].repository.value().full_name, "acme/api");
    EXPECT_EQ(events[1].repository.value().full_name, "acme/web");
    EXPECT_EQ(events[1].key, "bitbucket.org:pipeline.finished:acme/web:{2}");
    EXPECT_EQ(events_of(web).at(0).key, events[1].key) << "whatever it comes with";
    EXPECT_FALSE(events[2].repository) << "not the one of another";
    EXPECT_FALSE(events_of(resource_spans(std::string(501, 'x'), "{4}")).at(0).repository)
        << "no name that Bitbucket takes, and every run would repeat it";
}

TEST(cloud_keys, a_number_of_a_pipeline_in_each_form)
{
    auto const number = [](std::string const& key, std::string const& value)
    {
        auto const said = spans("bbc.pipeline_run", run_id + "," + attribute(key, value));
        return std::get<pipeline_run>(only_claim(said).detail).number;
    };
    EXPECT_EQ(number("pipeline.build_number", R"({"intValue":5})"), 5);
    EXPECT_EQ(number("pipeline.build_number", R"({"intValue":"5"})"), 5);
    EXPECT_EQ(number("pipeline.build_number", R"({"stringValue":"5"})"), 5);
    EXPECT_EQ(number("pipeline_run.run_number", R"({"stringValue":"2"})"), 2);
    EXPECT_EQ(number("pipeline.build_number", R"({"stringValue":"five"})"), std::nullopt);
    EXPECT_EQ(number("pipeline.build_number", "{}"), std::nullopt);
}

TEST(cloud_keys, spans_that_are_no_runs_and_bodies_that_are_no_spans)
{
    for (auto const* name : {"bbc.step", "bbc.command", "bbc.container", "another"})
        EXPECT_TRUE(spans(name, run_id).value().claims.empty()) << name;
    EXPECT_FALSE(only_claim(spans("bbc.pipeline_run", run_id)).repository);
    std::string const at = "/resourceSpans/0/scopeSpans/0/spans/0/";
    EXPECT_EQ(spans("bbc.pipeline_run", "").error().message, at + "attributes: pipeline_run.uuid is missing");
    for (auto const* wrong : {"\"soon\"", "-1", "\"\"", "\"99999999999999999999\""})
        EXPECT_EQ(
            spans("bbc.pipeline_run", run_id, std::string(R"(,"endTimeUnixNano":)") + wrong).error().message,
            at + "endTimeUnixNano: expected nanoseconds since 1970"
        );
    EXPECT_EQ(message_of("pipeline:span_created", R"("x":1)"), "/resourceSpans: is missing");
    EXPECT_EQ(
        message_of("pipeline:span_created", R"("resourceSpans":[{"scopeSpans":{}}])"),
        "/resourceSpans/0/scopeSpans: expected an array"
    );
}

}  // namespace
}  // namespace linkspan
