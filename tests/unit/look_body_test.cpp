#include "tests/support/look_answers.hpp"

// The body of a look, as it is written and read back.
namespace linkspan::test
{
namespace
{

reading read_look_back(look_answers const& shown)
{
    auto const body = look_body(shown);
    inbound delivery;
    delivery.edition = shown.edition;
    delivery.event_key = look_key;
    delivery.origin = event_origin::poll;
    delivery.body = body;
    auto said = read_delivery(delivery);
    EXPECT_TRUE(said) << said.error().message << "\n" << body;
    return said ? std::move(*said) : reading();
}

std::string fault_of_look(look_answers const& shown)
{
    auto const body = look_body(shown);
    inbound delivery;
    delivery.edition = shown.edition;
    delivery.event_key = look_key;
    delivery.origin = event_origin::poll;
    delivery.body = body;
    auto const said = read_delivery(delivery);
    return said ? std::string() : said.error().message;
}

constexpr auto trimmed_comment =
    R"({"id":1,"content":{"raw":"Why?"},"user":{"uuid":"{lin}","account_id":"lin","display_name":"Lin"},
    "created_on":"2026-11-20T09:30:00Z","updated_on":"2026-11-20T09:31:00Z","deleted":false,"pending":false,
    "resolution":{"user":{"uuid":"{ada}","account_id":"ada"},"created_on":"2026-11-20T09:50:00Z"}})";
constexpr auto trimmed_task =
    R"({"id":5,"content":{"raw":"Do"},"state":"RESOLVED","creator":{"uuid":"{lin}","account_id":"lin"},
    "comment":{"id":1},"resolved_by":{"uuid":"{ada}","account_id":"ada"},"resolved_on":"2026-11-20T09:55:00Z",
    "created_on":"2026-11-20T09:40:00Z","updated_on":"2026-11-20T09:55:00Z","pending":false})";

TEST(look_bodies, say_what_was_asked_for_and_when)
{
    for (auto const of : {edition::cloud, edition::data_center})
    {
        auto const bare = read_look_back(answers_of(of, "10:00:00"));
        EXPECT_EQ(bare.repository.value().id, of == edition::cloud ? "{r}" : "9");
        EXPECT_EQ(bare.repository.value().full_name, of == edition::cloud ? "acme/api" : "ACME/api");
        EXPECT_EQ(bare.pull_request.value().id, 7);
        ASSERT_TRUE(bare.look);
        EXPECT_FALSE(bare.look->shows_fields);
        EXPECT_EQ(bare.look->asked_at, clock_at("10:00:00"));
        EXPECT_EQ(bare.look->since, clock_at("08:30:00"));
        EXPECT_FALSE(bare.look->are_comments_whole || bare.look->are_tasks_whole);
        EXPECT_TRUE(bare.claims.empty());
        EXPECT_FALSE(bare.look->folds);
        auto behind_outage = answers_of(of, "10:00:00");
        behind_outage.folds = true;
        EXPECT_TRUE(read_look_back(behind_outage).look.value().folds);

        auto const empty = read_look_back(with_tasks(answers_of(of, "10:00:00"), ""));
        EXPECT_FALSE(empty.look.value().are_comments_whole) << "was not asked for";
        EXPECT_TRUE(empty.look.value().are_tasks_whole);
        auto cut = with_comments(answers_of(of, "10:00:00"), "");
        EXPECT_TRUE(read_look_back(cut).look.value().are_comments_whole);
        cut.are_comments_whole = false;
        EXPECT_FALSE(read_look_back(cut).look.value().are_comments_whole);
    }
}

TEST(look_bodies, of_cloud_hold_comments_and_tasks)
{
    auto const shown =
        with_tasks(with_comments(answers_of(edition::cloud, "10:00:00"), trimmed_comment), trimmed_task);
    auto const all = read_look_back(shown).look.value();
    ASSERT_EQ(all.comments.size(), 2u);
    EXPECT_EQ(all.comments[0].comment.text, "Why?");
    EXPECT_EQ(all.comments[0].comment.resolved, true);
    EXPECT_EQ(all.comments[0].decider.value().id, "ada");
    EXPECT_EQ(all.comments[1].task, task_state::resolved);
    EXPECT_EQ(all.comments[1].comment.parent, 1);
    EXPECT_EQ(all.comments[1].decider.value().id, "ada");
    EXPECT_TRUE(all.comments[1].has_own_id);
}

TEST(look_bodies, show_the_pull_request_where_it_was_asked_for)
{
    auto const cloud = read_look_back(with_pull_request(
        answers_of(edition::cloud, "10:00:00"),
        R"({"id":7,"title":"Limits","state":"MERGED","merge_commit":{"hash":"abcdef123456"},"reason":"",
        "closed_by":{"uuid":"{ada}","account_id":"ada"},"created_on":"2026-11-20T09:00:00Z",
        "updated_on":"2026-11-20T09:59:00Z"})"
    ));
    EXPECT_TRUE(cloud.look.value().shows_fields);
    EXPECT_EQ(cloud.look.value().closed.commit, "abcdef123456");
    EXPECT_FALSE(cloud.look.value().closed.reason);
    EXPECT_EQ(cloud.look.value().moved_by.value().id, "ada");
    ASSERT_EQ(cloud.claims.size(), 1u);
    EXPECT_EQ(cloud.claims[0].kind, event_kind::pull_request_opened);

    auto server = with_pull_request(
        answers_of(edition::data_center, "10:00:00"),
        R"({"id":7,"version":4,"title":"Limits","state":"MERGED","closedDate":1763631000000,
        "properties":{"mergeCommit":{"id":"abcdef123456"}},"toRef":{"displayId":"main","repository":{"id":9,
        "slug":"api","project":{"key":"ACME"}}}})"
    );
    server = with_comments(
        std::move(server),
        R"({"id":8,"action":"MERGED","user":{"id":3,"name":"ada"},"createdDate":1763631000000},
        {"id":7,"action":"DECLINED","user":{"id":4,"name":"lin"}})"
    );
    auto const merged = read_look_back(server);
    EXPECT_EQ(merged.pull_request.value().description, "") << "a description of nothing is left out";
    EXPECT_EQ(merged.look.value().closed.commit, "abcdef123456");
    EXPECT_EQ(merged.look.value().moved_by.value().id, "3");
    EXPECT_EQ(merged.look.value().moved_at, from_milliseconds(1763631000000));
}

std::string server_note(int id, std::string const& more = "")
{
    return R"({"id":)" + std::to_string(id) +
           R"(,"version":1,"text":"x","author":{"id":2,"name":"lin"},"createdDate":1763631000000,"updatedDate":1763631000000)" +
           more + "}";
}

// A thread whose every comment answers the one before it.
std::string deep_thread(int from, int to)
{
    return server_note(
        from, from == to ? std::string() : R"(,"comments":[)" + deep_thread(from + 1, to) + "]"
    );
}

TEST(look_bodies, of_a_data_center_hold_threads_of_any_depth)
{
    // Each reply lies two levels deeper: as they are, the last one's author would be too deep for a row.
    auto const activity =
        R"({"id":1,"action":"COMMENTED","commentAction":"ADDED","comment":)" + deep_thread(10, 24) +
        R"(,"commentAnchor":{"path":"src/limit.cpp","line":4,"lineType":"ADDED"},"diff":{"hunks":[]}},
        {"id":2,"action":"RESCOPED","added":{"commits":[]}})";
    auto const shown = with_comments(answers_of(edition::data_center, "10:00:00"), activity);
    EXPECT_EQ(look_body(shown).find("hunks"), std::string::npos) << "nothing reads it";
    auto const all = read_look_back(shown).look.value();
    ASSERT_EQ(all.comments.size(), 15u);
    EXPECT_TRUE(all.are_comments_whole);
    EXPECT_FALSE(all.comments.front().comment.parent);
    EXPECT_EQ(all.comments.front().comment.anchor.value().path, "src/limit.cpp");
    EXPECT_EQ(all.comments.back().comment.id, 24);
    EXPECT_EQ(all.comments.back().comment.parent, 23);
}

TEST(look_bodies, of_a_data_center_hold_tasks_with_replies_of_any_depth)
{
    auto const task =
        server_note(9, R"(,"severity":"BLOCKER","state":"OPEN","comments":[)" + deep_thread(10, 50) + "]");
    auto const shown = with_tasks(answers_of(edition::data_center, "10:00:00"), task);
    auto const all = read_look_back(shown).look.value();
    ASSERT_EQ(all.comments.size(), 42u);
    EXPECT_TRUE(all.are_tasks_whole);
    EXPECT_EQ(all.comments.front().is_task, true);
    EXPECT_EQ(all.comments.at(1).is_task, false) << "who answers a task is none";
    EXPECT_EQ(all.comments.back().comment.parent, 49);
}

TEST(look_bodies, of_a_data_center_know_a_task_of_both_lists_once)
{
    auto const task = [](int version, std::string const& state, std::string const& more = "")
    {
        auto out = server_note(13, R"(,"severity":"BLOCKER","state":")" + state + "\"" + more);
        return out.replace(out.find(R"("version":1)"), 11, R"("version":)" + std::to_string(version));
    };
    auto const in_thread = R"({"id":1,"action":"COMMENTED","comment":)" +
                           server_note(11, R"(,"comments":[)" + task(1, "OPEN") + "]") + "}";
    auto const shown = with_tasks(
        with_comments(answers_of(edition::data_center, "10:00:00"), in_thread),
        task(2, "RESOLVED", R"(,"resolvedDate":1763631500000,"resolver":{"id":3,"name":"ada"})") + "," +
            server_note(14, R"(,"state":"OPEN","parent":{"id":11})")
    );
    auto const all = read_look_back(shown).look.value();
    ASSERT_EQ(all.comments.size(), 3u);
    EXPECT_EQ(all.comments[1].order, 2);
    EXPECT_EQ(all.comments[1].task, task_state::resolved);
    EXPECT_EQ(all.comments[1].comment.parent, 11) << "as its thread tells";
    EXPECT_EQ(all.comments[1].decider.value().id, "3");
    EXPECT_EQ(all.comments[2].is_task, true) << "of a list of tasks";
    EXPECT_EQ(all.comments[2].comment.parent, 11);
    EXPECT_TRUE(all.are_comments_whole && all.are_tasks_whole);
}

TEST(look_bodies, take_a_path_as_text_or_as_the_published_document_has_it)
{
    auto const path_of = [](std::string const& path)
    {
        auto const activity = R"({"action":"COMMENTED","comment":)" + server_note(1) +
                              R"(,"commentAnchor":{"path":)" + path + "}}";
        auto const all = read_look_back(with_comments(answers_of(edition::data_center, "10:00:00"), activity))
                             .look.value();
        return all.comments.at(0).comment.anchor.value().path;
    };
    EXPECT_EQ(path_of(R"("src/limit.cpp")"), "src/limit.cpp");
    EXPECT_EQ(
        path_of(R"({"components":["src","limit.cpp"],"parent":"src","name":"limit.cpp","extension":"cpp"})"),
        "src/limit.cpp"
    );
    EXPECT_EQ(path_of(R"({"components":["a.txt"],"parent":"","name":"a.txt"})"), "a.txt");
}

TEST(look_bodies, name_what_an_answer_has_wrong)
{
    auto nameless = answers_of(edition::cloud, "10:00:00");
    nameless.repository = boost::json::parse(R"({"full_name":"acme/api"})");
    EXPECT_EQ(fault_of_look(nameless), "/repository/uuid: is missing");
    auto target = with_pull_request(
        nameless, R"({"id":7,"title":"x","destination":{"repository":{"uuid":"{r}","full_name":"Acme/API"}}})"
    );
    EXPECT_EQ(read_look_back(target).repository.value().id, "{r}");
    auto slug = answers_of(edition::data_center, "10:00:00");
    slug.repository = boost::json::parse(R"({"slug":"api","project":{"key":"ACME"}})");
    EXPECT_EQ(fault_of_look(slug), "/repository/id: is missing");
    EXPECT_EQ(
        fault_of_look(with_comments(answers_of(edition::data_center, "10:00:00"), "7")),
        "/activities/0: expected an object"
    );
    EXPECT_EQ(
        fault_of_look(with_comments(
            answers_of(edition::data_center, "10:00:00"), R"({"action":"COMMENTED","comment":7})"
        )),
        "/activities/0/comment: expected an object"
    );
    EXPECT_EQ(
        fault_of_look(with_comments(answers_of(edition::cloud, "10:00:00"), "7")),
        "/comments/0: expected an object"
    );
}

}  // namespace
}  // namespace linkspan::test
