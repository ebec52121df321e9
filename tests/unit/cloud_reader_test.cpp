#include "tests/support/body_readings.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

person const cloud_ada{"712020:0f6e1d62-aaaa-4c0b-9f57-000000000001", "Ada Example", person_kind::user};
person const cloud_grace{"712020:5b7a4d9e-bbbb-4a86-8d0e-000000000002", "Grace Example", person_kind::user};
person const cloud_lin{"712020:9c3f8e17-cccc-4e93-b1a4-000000000003", "Lin Example", person_kind::user};

std::string short_hash(char letter)
{
    return test::sample_hash(letter).substr(0, 12);
}

std::string const repository_member = R"("repository":{"uuid":"{r}","full_name":"acme/api"})";

std::string push_of(std::string const& changes)
{
    return "{" + repository_member + R"(,"push":{"changes":[)" + changes + "]}}";
}

std::string tip(std::string const& type, std::string const& name, std::string const& hash)
{
    return R"({"type":")" + type + R"(","name":")" + name + R"(","target":{"hash":")" + hash + R"("}})";
}

TEST(cloud_reader, a_push_that_makes_a_branch)
{
    auto const said = test::read_sample(edition::cloud, "push_branch");
    EXPECT_EQ(said.actor, cloud_ada);
    ASSERT_TRUE(said.repository);
    EXPECT_EQ(said.repository->id, "{b0b0cafe-4444-4555-8666-6a5f2f6a0f06}");
    EXPECT_EQ(said.repository->owner, "acme");
    EXPECT_EQ(said.repository->slug, "api");
    EXPECT_EQ(said.repository->full_name, "acme/api");
    EXPECT_EQ(said.repository->name, "api");
    EXPECT_EQ(said.repository->url, "https://bitbucket.org/acme/api");
    EXPECT_FALSE(said.pull_request);
    ASSERT_EQ(said.claims.size(), 1u);
    EXPECT_EQ(said.claims[0].kind, event_kind::branch_created);
    auto const& change = std::get<ref_change>(said.claims[0].detail);
    EXPECT_EQ(change.name, "feature/rate-limits");
    EXPECT_FALSE(change.before);
    EXPECT_EQ(change.after, test::sample_hash('a'));
    EXPECT_EQ(change.forced, false);
    EXPECT_EQ(change.truncated, false);
    ASSERT_EQ(change.commits.size(), 1u);
    EXPECT_EQ(
        change.commits[0], (commit{test::sample_hash('a'), "Count requests per client\n", "Ada Example"})
    );
}

TEST(cloud_reader, a_push_that_moves_a_branch)
{
    auto const said = test::read_sample(edition::cloud, "push_again");
    ASSERT_EQ(said.claims.size(), 1u);
    EXPECT_EQ(said.claims[0].kind, event_kind::branch_updated);
    auto const& change = std::get<ref_change>(said.claims[0].detail);
    EXPECT_EQ(change.before, test::sample_hash('a'));
    EXPECT_EQ(change.after, test::sample_hash('b'));
}

TEST(cloud_reader, every_change_of_a_push_counts)
{
    auto const said = test::read_cloud(
        "repo:push",
        push_of(
            R"({"old":null,"new":)" + tip("branch", "x", "a1") + "}," + R"({"old":)" +
            tip("branch", "y", "b1") + R"(,"new":)" + tip("branch", "y", "b2") + R"(,"forced":true},)" +
            R"({"old":)" + tip("branch", "z", "c1") + R"(,"new":null},)" + R"({"old":null,"new":)" +
            tip("tag", "v1", "d1") + "}," + R"({"old":)" + tip("annotated_tag", "v2", "e1") + R"(,"new":)" +
            tip("annotated_tag", "v2", "e2") + "}," + R"({"old":)" + tip("tag", "v3", "f1") +
            R"(,"new":null},{"old":null,"new":null})"
        )
    );
    ASSERT_TRUE(said) << said.error().message;
    std::vector<event_kind> kinds;
    for (auto const& one : said->claims)
        kinds.push_back(one.kind);
    using enum event_kind;
    EXPECT_EQ(
        kinds,
        (std::vector{branch_created, branch_updated, branch_deleted, tag_created, tag_updated, tag_deleted})
    );
    auto const& forced = std::get<ref_change>(said->claims[1].detail);
    EXPECT_EQ(forced.before, "b1");
    EXPECT_EQ(forced.after, "b2");
    EXPECT_EQ(forced.forced, true);
    auto const& deleted = std::get<ref_change>(said->claims[2].detail);
    EXPECT_EQ(deleted.name, "z");
    EXPECT_EQ(deleted.before, "c1");
    EXPECT_FALSE(deleted.after);
    EXPECT_FALSE(deleted.forced);
    EXPECT_NE(said->claims[0].stamp, said->claims[1].stamp);
}

TEST(cloud_reader, a_push_may_change_nothing_or_name_nobody)
{
    auto const empty = test::read_cloud("repo:push", push_of(""));
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->claims.empty());
    EXPECT_FALSE(empty->actor);
    auto const no_user = test::read_cloud(
        "repo:push",
        push_of(
            R"({"old":null,"new":)" + tip("branch", "x", "a1") +
            R"(,"commits":[{"hash":"a1","author":{"raw":"Ada <ada@acme.example>"}}, null, {"hash":"a0"}]})"
        )
    );
    ASSERT_TRUE(no_user);
    auto const& commits = std::get<ref_change>(no_user->claims.at(0).detail).commits;
    ASSERT_EQ(commits.size(), 2u);
    EXPECT_EQ(commits[0].author, "Ada <ada@acme.example>");
    EXPECT_FALSE(commits[0].message);
    EXPECT_FALSE(commits[1].author);
    // Who leaves out what was before and says that nothing was made has moved it.
    auto const moved =
        test::read_cloud("repo:push", push_of(R"({"created":false,"new":)" + tip("branch", "x", "a1") + "}"));
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->claims.at(0).kind, event_kind::branch_updated);
    auto const words = test::read_cloud(
        "repo:push", push_of(R"({"forced":"true","old":null,"new":)" + tip("branch", "x", "a1") + "}")
    );
    ASSERT_TRUE(words);
    EXPECT_EQ(std::get<ref_change>(words->claims.at(0).detail).forced, true);
}

TEST(cloud_reader, a_pull_request_that_opens)
{
    auto const said = test::read_sample(edition::cloud, "opened");
    auto const now = test::sample_named(edition::cloud, "opened").at;
    ASSERT_EQ(said.claims.size(), 1u);
    EXPECT_EQ(said.claims[0].kind, event_kind::pull_request_opened);
    EXPECT_EQ(said.claims[0].identity, claim_identity::once);
    EXPECT_EQ(said.claims[0].at, now);
    EXPECT_EQ(said.occurred_at, now);
    EXPECT_EQ(said.order, to_milliseconds(now));
    ASSERT_TRUE(said.pull_request);
    auto const& about = *said.pull_request;
    EXPECT_EQ(about.id, 7);
    EXPECT_EQ(about.title, "Limit requests per client");
    EXPECT_TRUE(about.description && about.description->starts_with("Every client may send ten"));
    EXPECT_EQ(about.state, pull_request_state::open);
    EXPECT_EQ(about.draft, false);
    EXPECT_EQ(about.source, (branch_tip{"acme/api", "feature/rate-limits", short_hash('a')}));
    EXPECT_EQ(about.target, (branch_tip{"acme/api", "main", short_hash('m')}));
    EXPECT_EQ(about.author, cloud_ada);
    ASSERT_TRUE(about.participants);
    ASSERT_EQ(about.participants->size(), 2u);
    EXPECT_EQ(about.participants->at(0).name, "Grace Example");
    EXPECT_EQ(about.participants->at(0).role, participant_role::reviewer);
    EXPECT_EQ(about.participants->at(0).state, review_state::pending);
    EXPECT_EQ(about.comments, 0);
    EXPECT_EQ(about.tasks, 0);
    EXPECT_EQ(about.created_at, now);
    EXPECT_EQ(about.updated_at, now);
    EXPECT_EQ(about.url, "https://bitbucket.org/acme/api/pull-requests/7");
}

TEST(cloud_reader, comments)
{
    auto const plain = test::read_sample(edition::cloud, "comment").comment.value().comment;
    EXPECT_EQ(plain.id, 4000);
    EXPECT_FALSE(plain.parent);
    EXPECT_FALSE(plain.anchor);
    auto const said = test::read_sample(edition::cloud, "suggestion");
    EXPECT_EQ(said.comment.value().news, comment_news::added);
    EXPECT_EQ(said.comment->order, to_milliseconds(said.comment->comment.updated_at.value()));
    auto const& inline_comment = said.comment->comment;
    EXPECT_EQ(inline_comment.id, 4001);
    EXPECT_EQ(inline_comment.author, cloud_grace);
    EXPECT_EQ(inline_comment.anchor, (inline_anchor{"src/limit.cpp", diff_side::after, 41, 42}));
    ASSERT_EQ(inline_comment.suggestions.size(), 1u);
    EXPECT_TRUE(inline_comment.suggestions[0].text.starts_with("    if (bucket.count"));
    EXPECT_EQ(inline_comment.suggestions[0].from, 41);
    EXPECT_EQ(inline_comment.suggestions[0].to, 42);
    EXPECT_TRUE(inline_comment.text && inline_comment.text->starts_with("A name would tell"));
    EXPECT_TRUE(inline_comment.url && inline_comment.created_at && inline_comment.updated_at);
    auto const reply = test::read_sample(edition::cloud, "reply").comment.value().comment;
    EXPECT_TRUE(reply.parent);
}

std::string comment_body(std::string const& members)
{
    return "{" + repository_member + R"(,"pullrequest":{"id":7},"comment":{"id":42,"user":{"uuid":"{u}"},)" +
           R"("content":{"raw":"x"})" + members + "}}";
}

TEST(cloud_reader, where_a_comment_stands)
{
    auto const anchor_of = [](std::string const& where)
    {
        auto const said =
            test::read_cloud("pullrequest:comment_created", comment_body(R"(,"inline":)" + where));
        return said.value().comment.value().comment.anchor;
    };
    EXPECT_EQ(anchor_of(R"({"path":"a","to":5,"from":null})"), (inline_anchor{"a", diff_side::after, 5, 5}));
    EXPECT_EQ(
        anchor_of(R"({"path":"a","to":null,"from":9,"start_from":7})"),
        (inline_anchor{"a", diff_side::before, 7, 9})
    );
    EXPECT_EQ(anchor_of(R"({"path":"a"})"), (inline_anchor{"a", std::nullopt, std::nullopt, std::nullopt}));
    EXPECT_EQ(anchor_of("{}"), std::nullopt);
    EXPECT_EQ(anchor_of("null"), std::nullopt);
}

TEST(cloud_reader, a_pending_or_deleted_comment_is_not_told)
{
    for (auto const* hidden : {R"(,"pending":true)", R"(,"deleted":true)"})
    {
        auto const said = test::read_cloud("pullrequest:comment_created", comment_body(hidden));
        ASSERT_TRUE(said);
        EXPECT_FALSE(said->comment) << hidden;
    }
    auto const shown =
        test::read_cloud("pullrequest:comment_created", comment_body(R"(,"pending":false,"resolution":{})"));
    ASSERT_TRUE(shown);
    EXPECT_TRUE(shown->comment);
    ASSERT_TRUE(shown->actor) << "nobody else is named";
    EXPECT_EQ(shown->actor->id, "{u}");
}

TEST(cloud_reader, reviews)
{
    auto const approved = test::read_sample(edition::cloud, "approved");
    auto const now = test::sample_named(edition::cloud, "approved").at;
    EXPECT_EQ(approved.claims.at(0).kind, event_kind::pull_request_approved);
    EXPECT_EQ(approved.claims[0].identity, claim_identity::reviewer);
    EXPECT_EQ(approved.claims[0].at, now);
    EXPECT_EQ(std::get<review>(approved.claims[0].detail).reviewer, cloud_lin);
    EXPECT_EQ(
        test::read_sample(edition::cloud, "unapproved").claims.at(0).kind,
        event_kind::pull_request_approval_withdrawn
    );
    auto const asked = test::read_sample(edition::cloud, "changes_requested");
    EXPECT_EQ(asked.claims.at(0).kind, event_kind::pull_request_changes_requested);
    EXPECT_EQ(std::get<review>(asked.claims[0].detail).reviewer, asked.actor);
}

// The recorded withdrawal carries the date of the approval that it withdraws.
TEST(cloud_reader, a_withdrawal_happens_when_the_pull_request_was_updated)
{
    auto const body = "{" + repository_member +
                      R"(,"pullrequest":{"id":7,"updated_on":"2023-03-08T06:12:02.826901+00:00"},
        "approval":{"date":"2023-03-08T06:11:26.895005+00:00","user":{"uuid":"{u}"}}})";
    EXPECT_EQ(
        test::read_cloud("pullrequest:unapproved", body).value().claims.at(0).at,
        parse_time("2023-03-08T06:12:02.826Z")
    );
    EXPECT_EQ(
        test::read_cloud("pullrequest:approved", body).value().claims.at(0).at,
        parse_time("2023-03-08T06:11:26.895Z")
    );
}

TEST(cloud_reader, a_list_that_does_not_tell_everybody_is_not_known)
{
    auto const list = [](std::string const& participants, std::string const& reviewers)
    {
        auto const said = test::read_cloud(
            "pullrequest:updated",
            "{" + repository_member + R"(,"pullrequest":{"id":7,"author":{"account_id":"557058:a"},)" +
                R"("participants":[)" + participants + R"(],"reviewers":[)" + reviewers + "]}}"
        );
        return said.value().pull_request->participants;
    };
    std::string const known = R"({"account_id":"557058:e","uuid":"{e}","nickname":"e"})";
    ASSERT_TRUE(list("", known));
    EXPECT_EQ(list("", known)->front().id, "557058:e");
    EXPECT_TRUE(list("", known + R"(,{"display_name":"Former User"})")) << "a deleted account has no id";
    EXPECT_TRUE(list("", known + R"(,{"uuid":"{t}","type":"team","username":"t","display_name":"T"})"));
    EXPECT_FALSE(list("", known + R"(,{"uuid":"{f}","display_name":"F"})")) << "known by another id";
    EXPECT_FALSE(list("", known + ",{}"));
    EXPECT_FALSE(list(R"({"user":null,"role":"PARTICIPANT","state":"approved"})", known));
    EXPECT_FALSE(list(R"({"role":"REVIEWER","state":"approved"})", known));
    EXPECT_FALSE(list(R"({"user":{"uuid":"{f}"},"role":"REVIEWER"})", known));
}

TEST(cloud_reader, a_review_is_of_its_actor_where_that_is_told_better)
{
    auto const reviewer = [](std::string const& user, std::string const& actor)
    {
        auto const said = test::read_cloud(
            "pullrequest:approved",
            "{" + repository_member + R"(,"actor":)" + actor +
                R"(,"pullrequest":{"id":7},"approval":{"user":)" + user + "}}"
        );
        return std::get<review>(said.value().claims.at(0).detail).reviewer.id;
    };
    std::string const whole = R"({"account_id":"557058:e","uuid":"{e}"})";
    EXPECT_EQ(reviewer(R"({"uuid":"{e}"})", whole), "557058:e");
    EXPECT_EQ(reviewer(R"({"display_name":"E"})", whole), "557058:e");
    EXPECT_EQ(reviewer(R"({"display_name":"E"})", R"({"uuid":"{e}"})"), "{e}");
    EXPECT_EQ(reviewer("null", whole), "557058:e");
    EXPECT_EQ(reviewer(R"({"uuid":"{f}"})", whole), "{f}") << "somebody else";
    EXPECT_EQ(reviewer(R"({"account_id":"557058:f"})", whole), "557058:f");
    EXPECT_EQ(reviewer(R"({"uuid":"{e}"})", "null"), "{e}");
    EXPECT_EQ(reviewer(R"({"uuid":"{e}"})", R"({"uuid":"{e}"})"), "{e}");
}

TEST(cloud_reader, who_took_part)
{
    auto const said =
        test::read_cloud("pullrequest:updated", "{" + repository_member + R"(,"pullrequest":{"id":7,
        "participants":[
            {"user":{"uuid":"{a}","display_name":"A"},"role":"REVIEWER","state":null},
            {"user":{"uuid":"{b}","display_name":"B"},"role":"PARTICIPANT","state":"approved"},
            {"user":{"uuid":"{c}","display_name":"C"},"role":"PARTICIPANT","state":"changes_requested"},
            {"user":{"uuid":"{d}","display_name":"D"},"role":"PARTICIPANT","approved":true}, null],
        "reviewers":[
            {"uuid":"{c}","display_name":"C"},
            {"uuid":"{e}","nickname":"e"},
            {"display_name":"Former User"}, {"display_name":"Former User"}]}})");
    ASSERT_TRUE(said) << said.error().message;
    auto const all = said->pull_request->participants.value();
    ASSERT_EQ(all.size(), 7u);
    using enum review_state;
    EXPECT_EQ(all[0].state, pending);
    EXPECT_EQ(all[0].role, participant_role::reviewer);
    EXPECT_EQ(all[1].state, approved);
    EXPECT_EQ(all[1].role, participant_role::participant);
    EXPECT_EQ(all[2].state, changes_requested);
    EXPECT_EQ(all[2].role, participant_role::reviewer) << "stands among the reviewers";
    EXPECT_EQ(all[3].state, approved) << "bodies from before changes could be requested";
    EXPECT_EQ(all[4].id, "{e}");
    EXPECT_EQ(all[4].name, "e");
    EXPECT_EQ(all[5].id, "") << "a deleted account has a name alone";
    EXPECT_EQ(all[5].name, "Former User");
    auto const none =
        test::read_cloud("pullrequest:updated", "{" + repository_member + R"(,"pullrequest":{"id":7}})");
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->pull_request->participants) << "left out is unknown, not empty";
    auto const asked = test::read_cloud(
        "pullrequest:updated",
        "{" + repository_member +
            R"(,"pullrequest":{"id":7,"reviewers":[{"uuid":"{a}","display_name":"A"}]}})"
    );
    ASSERT_TRUE(asked);
    ASSERT_TRUE(asked->pull_request->participants);
    ASSERT_EQ(asked->pull_request->participants->size(), 1u);
    EXPECT_EQ(asked->pull_request->participants->at(0).role, participant_role::reviewer);
    EXPECT_EQ(asked->pull_request->participants->at(0).state, std::nullopt)
        << "who is asked says nothing of their review";
    EXPECT_FALSE(asked->is_list_whole);
    EXPECT_TRUE(said->is_list_whole);
    EXPECT_FALSE(none->order);
}

TEST(cloud_reader, what_of_a_participant_is_left_out_is_not_known)
{
    auto const read_one = [](std::string const& members, std::string const& reviewers = "")
    {
        return test::read_cloud(
                   "pullrequest:updated",
                   "{" + repository_member +
                       R"(,"pullrequest":{"id":7,"participants":[{"user":{"uuid":"{a}"})" + members +
                       R"(}],"reviewers":[)" + reviewers + "]}}"
        )
            .value()
            .pull_request->participants;
    };
    using enum review_state;
    std::string const role = R"(,"role":"REVIEWER")";
    EXPECT_EQ(read_one(role + R"(,"state":null)").value().at(0).state, pending);
    EXPECT_EQ(read_one(role + R"(,"approved":false)").value().at(0).state, pending);
    EXPECT_EQ(read_one(role).value().at(0).state, std::nullopt);
    EXPECT_EQ(read_one(role + R"(,"state":"asleep","approved":false)").value().at(0).state, std::nullopt);
    EXPECT_FALSE(read_one(R"(,"state":null)")) << "it may be a reviewer";
    auto const asked = read_one(R"(,"state":"approved")", R"({"uuid":"{a}"})");
    ASSERT_EQ(asked.value().size(), 1u);
    EXPECT_EQ(asked->at(0).role, participant_role::reviewer) << "the other list tells it";
    EXPECT_EQ(asked->at(0).state, approved);
}

// A name alone would be another identity.
TEST(cloud_reader, the_target_tells_the_id_of_a_repository_that_is_only_named)
{
    auto const id_beside = [](std::string const& target)
    {
        auto const body = R"({"repository":{"full_name":"acme/api"},"pullrequest":{"id":7,"destination":)"
                          R"({"repository":)" +
                          target + "}}}";
        return test::read_cloud("pullrequest:updated", body).value().repository.value().id;
    };
    EXPECT_EQ(id_beside(R"({"uuid":"{r}","full_name":"acme/api"})"), "{r}");
    EXPECT_EQ(id_beside(R"({"uuid":"{r}","full_name":"acme/web"})"), "acme/api") << "that is another one";
    EXPECT_EQ(id_beside(R"({"full_name":"acme/api"})"), "acme/api");
    EXPECT_EQ(id_beside("null"), "acme/api");
}

TEST(cloud_reader, kinds_of_people)
{
    auto const actor = [](std::string const& members)
    {
        return test::read_cloud("repo:push", "{\"actor\":{" + members + "}," + push_of("").substr(1))
            .value()
            .actor;
    };
    EXPECT_EQ(actor(R"("type":"user","account_id":"a","display_name":"A")")->kind, person_kind::user);
    EXPECT_EQ(actor(R"("type":"app_user","account_id":"a","display_name":"CI")")->kind, person_kind::bot);
    EXPECT_EQ(actor(R"("type":"team","uuid":"{t}","display_name":"T")")->kind, person_kind::unknown);
    EXPECT_EQ(actor(R"("display_name":"Former User")")->id, "");
    EXPECT_FALSE(actor(R"("type":"user","username":"gone since 2019")"));
    EXPECT_FALSE(actor(""));
}

TEST(cloud_reader, the_end_of_a_pull_request)
{
    auto const merged = test::read_sample(edition::cloud, "merged");
    EXPECT_EQ(merged.claims.at(0).kind, event_kind::pull_request_merged);
    EXPECT_EQ(merged.claims[0].identity, claim_identity::state);
    EXPECT_TRUE(std::get<closing>(merged.claims[0].detail).commit);
    EXPECT_EQ(merged.pull_request->state, pull_request_state::merged);
    auto const declined = test::read_sample(edition::cloud, "declined");
    EXPECT_EQ(declined.claims.at(0).kind, event_kind::pull_request_declined);
    EXPECT_EQ(declined.pull_request->state, pull_request_state::declined);
    auto const because = test::read_cloud(
        "pullrequest:rejected",
        "{" + repository_member + R"(,"pullrequest":{"id":7,"state":"SUPERSEDED","reason":"Too big"}})"
    );
    EXPECT_EQ(std::get<closing>(because.value().claims.at(0).detail).reason, "Too big");
    EXPECT_EQ(because->pull_request->state, pull_request_state::superseded);
}

TEST(cloud_reader, a_deleted_fork_is_a_source_without_a_repository)
{
    auto const said =
        test::read_cloud("pullrequest:updated", "{" + repository_member + R"(,"pullrequest":{"id":7,"source":
            {"repository":null,"branch":{"name":"x"},"commit":null}}})");
    EXPECT_EQ(said.value().pull_request->source, (branch_tip{"", "x", ""}));
}

TEST(cloud_reader, builds)
{
    auto const started = test::read_sample(edition::cloud, "build_started");
    ASSERT_TRUE(started.actor);
    EXPECT_EQ(started.actor->kind, person_kind::bot);
    EXPECT_EQ(started.claims.at(0).kind, event_kind::build_started);
    auto const detail = std::get<build>(started.claims[0].detail);
    EXPECT_EQ(detail.commit, test::sample_hash('b'));
    EXPECT_EQ(detail.key, "unit-tests");
    EXPECT_EQ(detail.name, "unit-tests");
    EXPECT_EQ(detail.description, "Running");
    EXPECT_EQ(detail.url, "https://ci.acme.example/api/builds/4010");
    EXPECT_EQ(detail.state, build_state::started);
    EXPECT_EQ(detail.branch, "feature/rate-limits");
    EXPECT_TRUE(detail.pull_requests.empty());
    auto const failed = test::read_sample(edition::cloud, "build_failed");
    EXPECT_EQ(failed.claims.at(0).kind, event_kind::build_failed);
    EXPECT_NE(failed.claims[0].stamp, started.claims[0].stamp);
    EXPECT_EQ(
        test::read_sample(edition::cloud, "build_fixed").claims.at(0).kind, event_kind::build_succeeded
    );
}

TEST(cloud_reader, a_build_of_2017_has_its_commit_in_a_link)
{
    auto const body = [](std::string const& state)
    {
        return "{" + repository_member + R"(,"commit_status":{"key":"k","state":")" + state +
               R"(","refname":null,"links":{"commit":{"href":"https://api.example/commit/abcdef0"}}}})";
    };
    auto const said = test::read_cloud("repo:commit_status_created", body("STOPPED"));
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(std::get<build>(said->claims.at(0).detail).commit, "abcdef0");
    EXPECT_EQ(said->claims[0].kind, event_kind::build_stopped);
    EXPECT_FALSE(std::get<build>(said->claims[0].detail).branch);
    auto const unknown = test::read_cloud("repo:commit_status_created", body("DREAMING"));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(
        unknown.error().message, "/commit_status/state: expected SUCCESSFUL, FAILED, INPROGRESS or STOPPED"
    );
}

TEST(cloud_reader, a_repository_without_uuid_or_of_the_pull_request)
{
    auto const named =
        test::read_cloud("repo:push", R"({"repository":{"full_name":"acme/api"},"push":{"changes":[]}})");
    EXPECT_EQ(named.value().repository->id, "acme/api");
    auto const target = test::read_cloud(
        "pullrequest:updated",
        R"({"repository":{},"pullrequest":{"id":7,"destination":{"branch":{"name":"main"},
            "repository":{"uuid":"{r}","full_name":"acme/api"}}}})"
    );
    EXPECT_EQ(target.value().repository->id, "{r}");
}

}  // namespace
}  // namespace linkspan
