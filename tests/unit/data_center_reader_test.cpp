#include "tests/support/body_readings.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

person const server_ada{"101", "Ada Example", person_kind::user};
person const server_grace{"102", "Grace Example", person_kind::user};
person const server_lin{"103", "Lin Example", person_kind::user};

std::string const core_repository = R"({"id":12,"slug":"api","project":{"key":"CORE"}})";

std::string refs(std::string const& changes, std::string const& more = "")
{
    return "{\"repository\":" + core_repository + more + ",\"changes\":[" + changes + "]}";
}

std::string change(std::string const& ref_type, std::string const& type, std::string from, std::string to)
{
    return R"({"ref":{"id":"refs/x","displayId":"feature/x","type":")" + ref_type + R"("},"fromHash":")" +
           from + R"(","toHash":")" + to + R"(","type":")" + type + "\"}";
}

// With an empty `members`, the least that a pull request's body has.
std::string least_pull_request(std::string const& members, std::string const& top = "")
{
    return R"({"pullRequest":{"id":7,"toRef":{"displayId":"main","latestCommit":"m","repository":)" +
           core_repository + "}" + members + "}" + top + "}";
}

std::string const zeros(40, '0');

TEST(data_center_reader, a_push_that_makes_a_branch)
{
    auto const said = test::read_sample(edition::data_center, "push_branch");
    EXPECT_EQ(said.actor, server_ada);
    ASSERT_TRUE(said.repository);
    EXPECT_EQ(said.repository->id, "12");
    EXPECT_EQ(said.repository->owner, "CORE");
    EXPECT_EQ(said.repository->slug, "api");
    EXPECT_EQ(said.repository->full_name, "CORE/api");
    EXPECT_TRUE(said.repository->url);
    EXPECT_EQ(said.occurred_at, test::sample_named(edition::data_center, "push_branch").at);
    ASSERT_EQ(said.claims.size(), 1u);
    EXPECT_EQ(said.claims[0].kind, event_kind::branch_created);
    auto const& detail = std::get<ref_change>(said.claims[0].detail);
    EXPECT_EQ(detail.name, "feature/rate-limits");
    EXPECT_FALSE(detail.before) << "forty zeros are no commit";
    EXPECT_EQ(detail.after, test::sample_hash('a'));
    EXPECT_FALSE(detail.forced);
}

TEST(data_center_reader, every_change_of_a_push_counts)
{
    auto const said = test::read_data_center(
        "repo:refs_changed",
        refs(
            change("BRANCH", "ADD", zeros, "a1") + "," + change("BRANCH", "UPDATE", "b1", "b2") + "," +
                change("BRANCH", "DELETE", "c1", zeros) + "," + change("TAG", "ADD", zeros, "d1") + "," +
                change("TAG", "UPDATE", "e1", "e2") + "," + change("TAG", "DELETE", "f1", zeros),
            R"(,"commits":[{"id":"a1"}])"
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
    auto const& deleted = std::get<ref_change>(said->claims[2].detail);
    EXPECT_EQ(deleted.before, "c1");
    EXPECT_FALSE(deleted.after);
    EXPECT_TRUE(deleted.commits.empty()) << "whose commits they are is not told";
    auto const one = test::read_data_center(
        "repo:refs_changed",
        refs(
            change("BRANCH", "UPDATE", "b1", "b2"),
            R"(,"commits":[{"id":"b2","message":"m","author":{"name":"ada"}}])"
        )
    );
    EXPECT_EQ(
        std::get<ref_change>(one.value().claims.at(0).detail).commits,
        std::vector<commit>{(commit{"b2", "m", "ada"})}
    );
    EXPECT_TRUE(test::read_data_center("repo:refs_changed", refs("")).value().claims.empty());
    EXPECT_EQ(
        test::read_data_center("repo:refs_changed", refs(change("BRANCH", "MELT", "a", "b"))).error().message,
        "/changes/0/type: expected ADD, UPDATE or DELETE"
    );
}

TEST(data_center_reader, a_pull_request_that_opens)
{
    auto const said = test::read_sample(edition::data_center, "opened");
    auto const now = test::sample_named(edition::data_center, "opened").at;
    ASSERT_EQ(said.claims.size(), 1u);
    EXPECT_EQ(said.claims[0].kind, event_kind::pull_request_opened);
    EXPECT_EQ(said.claims[0].identity, claim_identity::once);
    EXPECT_EQ(said.order, 0);
    ASSERT_TRUE(said.pull_request);
    auto const& request = *said.pull_request;
    EXPECT_EQ(request.id, 7);
    EXPECT_EQ(request.title, "Limit requests per client");
    EXPECT_TRUE(request.description);
    EXPECT_EQ(request.state, pull_request_state::open);
    EXPECT_EQ(request.source, (branch_tip{"CORE/api", "feature/rate-limits", test::sample_hash('a')}));
    EXPECT_EQ(request.target, (branch_tip{"CORE/api", "main", test::sample_hash('m')}));
    EXPECT_EQ(request.author, server_ada);
    ASSERT_TRUE(request.participants);
    EXPECT_EQ(request.participants->size(), 2u);
    EXPECT_EQ(request.created_at, now);
    EXPECT_EQ(request.updated_at, now);
    EXPECT_TRUE(request.url && request.url->ends_with("/pull-requests/7"));
}

TEST(data_center_reader, a_source_that_moves)
{
    auto const said = test::read_sample(edition::data_center, "from_ref_updated");
    EXPECT_EQ(said.claims.at(0).kind, event_kind::pull_request_commits_pushed);
    EXPECT_EQ(said.claims[0].identity, claim_identity::source);
    auto const& detail = std::get<commits_push>(said.claims[0].detail);
    EXPECT_EQ(detail.before, test::sample_hash('a'));
    EXPECT_EQ(detail.after, test::sample_hash('b'));
    auto const nothing = test::read_data_center("pr:from_ref_updated", least_pull_request(""));
    EXPECT_EQ(nothing.error().message, "/pullRequest/fromRef: is missing");
}

TEST(data_center_reader, comments_and_where_they_stand)
{
    auto const said = test::read_sample(edition::data_center, "suggestion");
    ASSERT_TRUE(said.comment);
    EXPECT_EQ(said.comment->news, comment_news::added);
    auto const& detail = said.comment->comment;
    EXPECT_EQ(detail.id, 4001);
    EXPECT_EQ(detail.author, server_grace);
    EXPECT_EQ(detail.anchor, (inline_anchor{"src/limit.cpp", diff_side::after, 41, 42}));
    EXPECT_EQ(detail.suggestions.size(), 1u);
    EXPECT_TRUE(detail.created_at && detail.updated_at);
    EXPECT_EQ(test::read_sample(edition::data_center, "reply").comment.value().comment.parent, 4000);

    auto const anchor_of = [](std::string const& where)
    {
        auto const body = least_pull_request("", R"(,"comment":{"id":1,"text":"x","anchor":)" + where + "}");
        return test::read_data_center("pr:comment:added", body).value().comment.value().comment.anchor;
    };
    EXPECT_EQ(
        anchor_of(R"({"path":"a","line":3,"lineType":"REMOVED","fileType":"FROM"})"),
        (inline_anchor{"a", diff_side::before, 3, 3})
    );
    EXPECT_EQ(
        anchor_of(R"({"path":"a","line":3,"lineType":"CONTEXT","fileType":"TO"})"),
        (inline_anchor{"a", diff_side::after, 3, 3})
    );
    EXPECT_EQ(anchor_of(R"({"path":"a"})"), (inline_anchor{"a", std::nullopt, std::nullopt, std::nullopt}));
    EXPECT_EQ(anchor_of("null"), std::nullopt);
}

TEST(data_center_reader, a_blocker_is_a_task_and_a_pending_comment_is_not_told)
{
    auto const comment = [](std::string const& members)
    {
        return test::read_data_center(
            "pr:comment:added",
            least_pull_request(
                "",
                R"(,"commentParentId":40,"comment":{"id":42,"text":"Test it","author":{"id":102,"displayName":"G"},)" +
                    members + "}"
            )
        );
    };
    auto const open = comment(R"("severity":"BLOCKER","state":"OPEN")");
    ASSERT_TRUE(open.value().comment);
    EXPECT_EQ(open->comment->task, task_state::open);
    EXPECT_EQ(open->comment->comment.id, 42);
    EXPECT_EQ(open->comment->comment.text, "Test it");
    EXPECT_EQ(open->comment->comment.author->id, "102");
    EXPECT_EQ(open->comment->comment.parent, 40);
    ASSERT_TRUE(open->actor) << "nobody else is named";
    EXPECT_EQ(open->actor->id, "102");
    auto const resolved = comment(R"("severity":"BLOCKER","state":"RESOLVED")");
    EXPECT_EQ(resolved.value().comment.value().task, task_state::resolved);
    EXPECT_EQ(open->comment->is_task, true);
    EXPECT_EQ(comment(R"("severity":"NORMAL","state":"OPEN")").value().comment.value().is_task, false);
    auto const without_state = comment(R"("severity":"BLOCKER")");
    EXPECT_EQ(without_state.value().comment.value().is_task, true);
    EXPECT_EQ(without_state->comment->task, std::nullopt) << "left out is unknown, not open";
    EXPECT_EQ(comment(R"("state":"OPEN")").value().comment.value().is_task, std::nullopt);
    EXPECT_FALSE(comment(R"("severity":"NORMAL","state":"PENDING")").value().comment);
    EXPECT_FALSE(comment(R"("severity":"BLOCKER","state":"PENDING")").value().comment);
}

TEST(data_center_reader, reviews)
{
    auto const asked = test::read_sample(edition::data_center, "changes_requested");
    EXPECT_EQ(asked.claims.at(0).kind, event_kind::pull_request_changes_requested);
    EXPECT_EQ(asked.claims[0].identity, claim_identity::reviewer);
    EXPECT_EQ(std::get<review>(asked.claims[0].detail).reviewer, asked.actor);
    auto const approved = test::read_sample(edition::data_center, "approved");
    EXPECT_EQ(approved.claims.at(0).kind, event_kind::pull_request_approved);
    EXPECT_EQ(std::get<review>(approved.claims[0].detail).reviewer, server_lin);
    EXPECT_EQ(
        test::read_sample(edition::data_center, "unapproved").claims.at(0).kind,
        event_kind::pull_request_approval_withdrawn
    );
    auto const unasked = test::read_data_center(
        "pr:reviewer:unapproved",
        least_pull_request("", R"(,"participant":{"user":{"id":1,"name":"x"}},"previousStatus":"NEEDS_WORK")")
    );
    EXPECT_EQ(unasked.value().claims.at(0).kind, event_kind::pull_request_changes_request_withdrawn);
    auto const nobody = test::read_data_center("pr:reviewer:approved", least_pull_request(""));
    EXPECT_EQ(nobody.error().message, "/participant/user: is missing");
}

TEST(data_center_reader, a_list_that_does_not_tell_everybody_is_not_known)
{
    auto const list = [](std::string const& members)
    {
        return test::read_data_center("pr:opened", least_pull_request("," + members))
            .value()
            .pull_request->participants;
    };
    EXPECT_TRUE(list(R"("reviewers":[{"user":{"id":1}}],"participants":[])"));
    EXPECT_TRUE(list(R"("reviewers":[{"user":{"displayName":"Former"}}],"participants":[])"))
        << "a deleted account";
    EXPECT_FALSE(list(R"("reviewers":[{"user":{"id":1}},{"status":"APPROVED"}],"participants":[])"));
    EXPECT_FALSE(list(R"("reviewers":[{"user":{"slug":"a"}}],"participants":[])")) << "known by another id";
    EXPECT_FALSE(list(R"("reviewers":[],"participants":[{"user":null}])"));
    EXPECT_FALSE(list(R"("reviewers":[],"participants":[{"user":{"name":"a"}}])"));
}

TEST(data_center_reader, a_review_is_of_its_actor_where_that_is_told_better)
{
    auto const reviewer = [](std::string const& participant, std::string const& actor)
    {
        auto const said = test::read_data_center(
            "pr:reviewer:approved",
            least_pull_request("", R"(,"participant":)" + participant + R"(,"actor":)" + actor)
        );
        return std::get<review>(said.value().claims.at(0).detail).reviewer.id;
    };
    std::string const whole = R"({"id":5,"slug":"e"})";
    EXPECT_EQ(reviewer(R"({"user":{"slug":"e"}})", whole), "5");
    EXPECT_EQ(reviewer(R"({"user":{"displayName":"E"}})", whole), "5");
    EXPECT_EQ(reviewer("{}", whole), "5");
    EXPECT_EQ(reviewer(R"({"user":{"slug":"f"}})", whole), "f") << "somebody else";
    EXPECT_EQ(reviewer(R"({"user":{"id":6}})", whole), "6");
    EXPECT_EQ(reviewer(R"({"user":{"slug":"e"}})", R"({"slug":"e"})"), "e");
}

TEST(data_center_reader, who_took_part)
{
    auto const said = test::read_data_center("pr:opened", least_pull_request(R"(,"reviewers":[
            {"user":{"id":1,"slug":"a","displayName":"A","type":"NORMAL"},"status":"UNAPPROVED"},
            {"user":{"id":2,"slug":"b","displayName":"B","type":"SERVICE"},"status":"APPROVED"},
            {"user":{"id":3,"slug":"c","name":"C"},"status":"NEEDS_WORK"},
            {"user":{"displayName":"Former"}},{"user":{"displayName":"Former"}},null],
        "participants":[{"user":{"id":1,"displayName":"A"},"status":"APPROVED"},
            {"user":{"id":5,"name":"e"},"approved":true},{"user":{"id":6,"name":"f"},"approved":false},
            {"user":{"id":7,"name":"g"}},{"user":{"id":8,"name":"h"},"status":"ASLEEP","approved":false}])"));
    ASSERT_TRUE(said) << said.error().message;
    auto const all = said->pull_request->participants.value();
    EXPECT_TRUE(said->is_list_whole);
    ASSERT_EQ(all.size(), 9u);
    EXPECT_EQ(all[0].role, participant_role::reviewer);
    EXPECT_EQ(all[0].state, review_state::pending) << "the reviewers' list comes first";
    EXPECT_EQ(all[1].kind, person_kind::bot);
    EXPECT_EQ(all[1].state, review_state::approved);
    EXPECT_EQ(all[2].id, "3");
    EXPECT_EQ(all[2].state, review_state::changes_requested);
    EXPECT_EQ(all[3].id, "");
    EXPECT_EQ(all[5].id, "5");
    EXPECT_EQ(all[5].role, participant_role::participant);
    EXPECT_EQ(all[5].state, review_state::approved);
    EXPECT_EQ(all[6].state, review_state::pending);
    EXPECT_EQ(all[7].state, std::nullopt) << "left out is unknown, not pending";
    EXPECT_EQ(all[8].state, std::nullopt) << "a word that is not known";
    EXPECT_FALSE(
        test::read_data_center("pr:opened", least_pull_request("")).value().pull_request->participants
    );
    auto const asked = test::read_data_center(
        "pr:opened", least_pull_request(R"(,"reviewers":[{"user":{"id":1,"name":"a"}}])")
    );
    EXPECT_FALSE(asked.value().is_list_whole);
    EXPECT_EQ(asked->pull_request->participants.value().size(), 1u);
}

TEST(data_center_reader, the_end_of_a_pull_request)
{
    auto const merged = test::read_sample(edition::data_center, "merged");
    EXPECT_EQ(merged.claims.at(0).kind, event_kind::pull_request_merged);
    EXPECT_EQ(merged.claims[0].identity, claim_identity::state);
    EXPECT_TRUE(std::get<closing>(merged.claims[0].detail).commit);
    EXPECT_TRUE(merged.claims[0].at);
    EXPECT_EQ(merged.pull_request->state, pull_request_state::merged);
    auto const declined = test::read_sample(edition::data_center, "declined");
    EXPECT_EQ(declined.claims.at(0).kind, event_kind::pull_request_declined);
    EXPECT_EQ(declined.pull_request->state, pull_request_state::declined);
}

// Milliseconds up to 9.x, text in 10.x; the top-level date has always been text.
TEST(data_center_reader, dates_are_numbers_or_texts)
{
    auto const numbers = test::read_data_center(
        "pr:opened",
        least_pull_request(R"(,"createdDate":1569939813210,"updatedDate":1569939813211)", R"(,"date":1000)")
    );
    EXPECT_EQ(numbers.value().pull_request->created_at, from_milliseconds(1'569'939'813'210));
    EXPECT_EQ(numbers->pull_request->updated_at, from_milliseconds(1'569'939'813'211));
    EXPECT_EQ(numbers->occurred_at, from_milliseconds(1000));
    auto const texts = test::read_data_center(
        "pr:opened",
        least_pull_request(
            R"(,"createdDate":"2026-01-02T03:04:05.678Z","updatedDate":"2026-01-02T05:04:05+0200")",
            R"(,"date":"2019-10-15T09:33:38+0200")"
        )
    );
    EXPECT_EQ(texts.value().pull_request->created_at, parse_time("2026-01-02T03:04:05.678Z"));
    EXPECT_EQ(texts->pull_request->updated_at, parse_time("2026-01-02T03:04:05Z"));
    EXPECT_EQ(texts->occurred_at, parse_time("2019-10-15T07:33:38Z"));
    for (auto const* wrong : {"-1", "1e30", "99999999999999999", R"("tomorrow")", "true", "{}"})
    {
        auto const said =
            test::read_data_center("pr:opened", least_pull_request(std::string(",\"createdDate\":") + wrong));
        ASSERT_FALSE(said) << wrong;
        EXPECT_EQ(
            said.error().message,
            "/pullRequest/createdDate: expected an ISO 8601 time or milliseconds since 1970"
        );
    }
}

TEST(data_center_reader, links_that_are_null)
{
    auto const said = test::read_data_center("pr:opened", least_pull_request(R"(,"links":{"self":[null]})"));
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_FALSE(said->pull_request->url);
    EXPECT_FALSE(
        test::read_data_center("pr:opened", least_pull_request(R"(,"links":null)")).value().pull_request->url
    );
    EXPECT_FALSE(test::read_data_center("pr:opened", least_pull_request(R"(,"links":{"self":[]})"))
                     .value()
                     .pull_request->url);
}

TEST(data_center_reader, a_ping_tells_nothing)
{
    auto const ping = test::sample_named(edition::data_center, "ping");
    auto const said = test::read_body(edition::data_center, ping.event_key, ping.body);
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_TRUE(said->claims.empty());
    EXPECT_FALSE(said->repository || said->pull_request || said->actor);
    EXPECT_FALSE(test::read_body(edition::cloud, "diagnostics:ping", R"({"test":true})"));
}

TEST(data_center_reader, the_body_names_its_key_where_the_header_is_lost)
{
    auto const opened = test::sample_named(edition::data_center, "opened");
    auto const said = test::read_body(edition::data_center, "", opened.body);
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(said->claims.at(0).kind, event_kind::pull_request_opened);
    inbound delivery;
    delivery.edition = edition::data_center;
    delivery.body = opened.body;
    EXPECT_EQ(event_key_of(delivery), "pr:opened");
    delivery.event_key = "pr:merged";
    EXPECT_EQ(event_key_of(delivery), "pr:merged") << "the header comes first";
}

TEST(data_center_reader, a_slug_alone_is_no_repository)
{
    auto const said =
        test::read_data_center("repo:refs_changed", R"({"repository":{"slug":"api"},"changes":[]})");
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().message, "/repository: is missing");
    auto const no_number = test::read_data_center(
        "repo:refs_changed", R"({"repository":{"slug":"api","project":{"key":"CORE"}},"changes":[]})"
    );
    EXPECT_EQ(no_number.value().repository->id, "CORE/api");
    auto const number =
        test::read_data_center("repo:refs_changed", R"({"repository":{"id":12},"changes":[]})");
    EXPECT_EQ(number.value().repository->full_name, "12");
}

}  // namespace
}  // namespace linkspan
