#include "tests/support/looks.hpp"

// What a look by REST finds, beside what webhooks tell of the same.
namespace linkspan::test
{
namespace
{

std::string const repository_text = R"("repository":{"uuid":"{r}","full_name":"acme/api"})";

std::string pull_request_text(std::string const& members = "")
{
    return R"("pullrequest":{"id":7,"title":"Limits","state":"OPEN","created_on":"2026-11-20T08:00:00Z",
        "author":{"uuid":"{ada}","account_id":"ada"},"reviewers":[{"uuid":"{lin}","account_id":"lin"}],
        "updated_on":"2026-11-20T09:00:00Z")" +
           (members.empty() ? R"(,"participants":[])" : members) + "}";
}

std::string comment_text(
    int id, std::string const& raw, std::string const& updated, std::string const& more = ""
)
{
    return R"({"id":)" + std::to_string(id) + R"(,"content":{"raw":")" + raw +
           R"("},"user":{"uuid":"{lin}","account_id":"lin"},"created_on":"2026-11-20T09:30:00Z","updated_on":"2026-11-20T)" +
           updated + R"(Z")" + more + "}";
}

std::string task_text(
    int id, std::string const& state, std::string const& updated, std::string const& raw = "Do"
)
{
    return R"({"id":)" + std::to_string(id) + R"(,"content":{"raw":")" + raw + R"("},"state":")" + state +
           R"(","creator":{"uuid":"{lin}","account_id":"lin"},"created_on":"2026-11-20T09:30:00Z","updated_on":"2026-11-20T)" +
           updated + R"(Z"})";
}

struct cloud_look
{
    std::string comments;
    std::string tasks;
    std::string whole = R"("comments","tasks")";
    std::string asked = "10:00:00";
    std::string since = "08:30:00";
    std::string pull_request = pull_request_text();

    std::string body() const
    {
        return "{" + repository_text + "," + pull_request + R"(,"comments":[)" + comments + R"(],"tasks":[)" +
               tasks + R"(],"whole":[)" + whole + R"(],"asked_at":"2026-11-20T)" + asked +
               R"(Z","since":"2026-11-20T)" + since + R"(Z"})";
    }
};

cloud_look look_at(std::string comments, std::string asked = "10:00:00", std::string tasks = "")
{
    cloud_look out;
    out.comments = std::move(comments);
    out.asked = std::move(asked);
    out.tasks = std::move(tasks);
    return out;
}

std::string news(std::string const& comment)
{
    return "{" + repository_text + R"(,"actor":{"uuid":"{lin}","account_id":"lin"},)" + pull_request_text() +
           R"(,"comment":)" + comment + "}";
}

class cloud_looks : public testing::Test
{
protected:
    std::vector<event> look(cloud_look const& shown) { return bridge_.look(shown.body(), shown.asked); }

    looked_bridge bridge_{edition::cloud};
};

TEST_F(cloud_looks, the_first_tells_what_was_made_since_the_repository_is_watched)
{
    auto shown = look_at(
        comment_text(1, "Old", "09:30:00") + "," + comment_text(2, "Done", "09:30:00", R"(,"resolution":{})"),
        "10:00:00",
        task_text(3, "RESOLVED", "09:45:00")
    );
    shown.since = "09:40:00";
    EXPECT_EQ(kinds_of(look(shown)), words{}) << "from before";

    looked_bridge other(edition::cloud);
    shown.since = "07:00:00";
    auto const events = other.look(shown.body(), shown.asked);
    EXPECT_EQ(
        kinds_of(events),
        (words{
            "pull_request.opened",
            "comment.added",
            "comment.added",
            "comment.resolved",
            "task.added",
            "task.resolved"})
    );
    EXPECT_EQ(events.at(0).actor.value().id, "ada");
    EXPECT_EQ(events.at(1).actor.value().id, "lin");
    EXPECT_EQ(events.at(1).origin, event_origin::poll);
    EXPECT_EQ(events.at(1).occurred_at, clock_at("09:30:00"));
    EXPECT_FALSE(events.at(3).actor) << "not told";
    EXPECT_EQ(kinds_of(other.look(shown.body(), shown.asked)), words{}) << "the same again";
}

TEST_F(cloud_looks, an_edit_within_ten_minutes_is_found_and_has_the_key_of_its_webhook)
{
    bridge_.webhook("pullrequest:comment_created", news(comment_text(1, "Frist", "09:30:00")));
    auto const shown = look_at(comment_text(1, "First", "09:31:00"));
    auto const found = look(shown);
    EXPECT_EQ(kinds_of(found), words{"comment.edited"});
    EXPECT_EQ(std::get<comment_detail>(found.at(0).detail).previous_text, "Frist");
    EXPECT_EQ(std::get<comment_detail>(found.at(0).detail).comment.text, "First");
    EXPECT_EQ(found.at(0).occurred_at, clock_at("09:31:00"));
    EXPECT_EQ(found.at(0).actor.value().id, "lin");
    EXPECT_EQ(kinds_of(look(shown)), words{});

    looked_bridge told(edition::cloud);
    told.webhook("pullrequest:comment_created", news(comment_text(1, "Frist", "09:30:00")));
    auto const by_webhook =
        told.webhook("pullrequest:comment_updated", news(comment_text(1, "First", "09:31:00")));
    EXPECT_EQ(keys_of(found), keys_of(by_webhook));
    EXPECT_EQ(
        kinds_of(bridge_.webhook("pullrequest:comment_updated", news(comment_text(1, "First", "09:31:00")))),
        words{}
    ) << "the look told it";
    EXPECT_EQ(kinds_of(told.look(shown.body(), "10:00:00")), words{}) << "the webhook told it";
}

TEST_F(cloud_looks, a_thread_is_resolved_and_reopened)
{
    auto const open = comment_text(1, "Why?", "09:30:00", R"(,"resolution":null)");
    auto const resolved =
        comment_text(1, "Why?", "09:30:00", R"(,"resolution":{"created_on":"2026-11-20T10:05:00Z"})");
    look(look_at(open));
    auto const first = look(look_at(resolved, "10:06:00"));
    EXPECT_EQ(kinds_of(first), words{"comment.resolved"});
    EXPECT_EQ(first.at(0).occurred_at, clock_at("10:05:00"));
    EXPECT_EQ(kinds_of(look(look_at(comment_text(1, "Why?", "09:30:00"), "10:07:00"))), words{})
        << "left out is not known";
    EXPECT_EQ(kinds_of(look(look_at(open, "10:04:00"))), words{}) << "asked before it was resolved";
    EXPECT_EQ(kinds_of(look(look_at(open, "10:08:00"))), words{"comment.reopened"});
    EXPECT_EQ(
        kinds_of(bridge_.webhook("pullrequest:comment_reopened", news(comment_text(1, "Why?", "09:30:00")))),
        words{}
    );
    EXPECT_EQ(kinds_of(look(look_at(resolved, "10:09:00"))), words{}) << "it is that of five past ten";
}

TEST_F(cloud_looks, that_a_thread_is_open_is_no_reopening_where_nothing_was_known)
{
    bridge_.webhook("pullrequest:comment_created", news(comment_text(1, "Why?", "09:30:00")));
    auto const open = comment_text(1, "Why?", "09:30:00", R"(,"resolution":null)");
    EXPECT_EQ(kinds_of(look(look_at(open, "10:00:00"))), words{});
    auto const resolved =
        comment_text(1, "Why?", "09:30:00", R"(,"resolution":{"created_on":"2026-11-20T10:05:00Z"})");
    EXPECT_EQ(kinds_of(look(look_at(open, "10:05:01"))), words{}) << "an answer that lags";
    EXPECT_EQ(kinds_of(look(look_at(resolved, "10:06:00"))), words{"comment.resolved"});
    EXPECT_EQ(kinds_of(look(look_at(open, "10:05:30"))), words{}) << "another that lags";
    EXPECT_EQ(kinds_of(look(look_at(resolved, "10:06:10"))), words{});
    EXPECT_EQ(kinds_of(look(look_at(open, "10:08:00"))), words{"comment.reopened"});
    EXPECT_EQ(kinds_of(look(look_at(resolved, "10:09:00"))), words{}) << "it is that of five past ten";
    EXPECT_EQ(kinds_of(look(look_at(open, "10:10:00"))), words{}) << "told already";
}

TEST_F(cloud_looks, what_was_resolved_before_the_watch_is_told_by_no_event)
{
    bridge_.webhook("pullrequest:comment_created", news(comment_text(1, "Why?", "09:30:00")));
    auto shown =
        look_at(comment_text(1, "Why?", "09:30:00", R"(,"resolution":{"created_on":"2026-11-20T09:40:00Z"})")
        );
    shown.since = "09:50:00";
    EXPECT_EQ(kinds_of(look(shown)), words{});
}

// Opened and approved since the repository is watched, and closed.
std::string const merged_pull_request =
    R"("pullrequest":{"id":7,"title":"Limits","state":"MERGED","author":{"uuid":"{ada}",
        "account_id":"ada"},"created_on":"2026-11-20T09:00:00Z","updated_on":"2026-11-20T10:10:00Z",
        "reviewers":[{"uuid":"{lin}","account_id":"lin"}],"participants":[{"role":"REVIEWER","state":"approved",
        "user":{"uuid":"{lin}","account_id":"lin"}}]})";

TEST_F(cloud_looks, a_pull_request_that_was_opened_and_merged_meanwhile_is_told_whole)
{
    auto shown = look_at("", "10:20:00");
    shown.pull_request = merged_pull_request;
    auto const found = look(shown);
    EXPECT_EQ(
        kinds_of(found), (words{"pull_request.opened", "pull_request.approved", "pull_request.merged"})
    );
    EXPECT_EQ(found.at(1).actor.value().id, "lin");
    EXPECT_EQ(kinds_of(look(shown)), words{});
    looked_bridge other(edition::cloud);
    shown.since = "09:30:00";
    EXPECT_EQ(kinds_of(other.look(shown.body(), shown.asked)), words{}) << "opened before";
}

TEST_F(cloud_looks, what_a_delivery_of_something_else_showed_first_is_told_all_the_same)
{
    auto const comment = comment_text(1, "Late", "09:40:00");
    auto const tail =
        "{" + repository_text + R"(,"actor":{"uuid":"{lin}","account_id":"lin"},)" + merged_pull_request;
    EXPECT_EQ(
        kinds_of(bridge_.webhook("pullrequest:comment_created", tail + R"(,"comment":)" + comment + "}")),
        words{"comment.added"}
    );
    auto shown = look_at(comment, "10:20:00");
    shown.pull_request = merged_pull_request;
    EXPECT_EQ(
        kinds_of(look(shown)), (words{"pull_request.opened", "pull_request.approved", "pull_request.merged"})
    );
    EXPECT_EQ(kinds_of(look(shown)), words{});
    // Their own deliveries come late.
    EXPECT_EQ(
        kinds_of(bridge_.webhook(
            "pullrequest:approved",
            tail +
                R"(,"approval":{"date":"2026-11-20T10:00:00Z","user":{"uuid":"{lin}","account_id":"lin"}}})"
        )),
        words{}
    );
    EXPECT_EQ(kinds_of(bridge_.webhook("pullrequest:fulfilled", tail + "}")), words{});
}

TEST_F(cloud_looks, a_long_list_is_told_in_several_looks)
{
    std::string comments;
    for (int i = 1; i <= 450; ++i)
        comments += (i == 1 ? "" : ",") + comment_text(i, "x", "09:30:00");
    std::set<std::string> keys;
    std::vector<std::size_t> told;
    for (int looks = 0; looks < 4; ++looks)
    {
        auto const events = look(look_at(comments));
        told.push_back(events.size());
        keys.merge(keys_of(events));
    }
    EXPECT_EQ(told, (std::vector<std::size_t>{200, 200, 50, 0}));
    EXPECT_EQ(keys.size(), 450u);
}

TEST_F(cloud_looks, an_unchanged_look_writes_nothing)
{
    auto const body = look_at(comment_text(1, "Why?", "09:30:00", R"(,"resolution":null)")).body();
    inbound delivery;
    delivery.event_key = look_key;
    delivery.origin = event_origin::poll;
    delivery.body = body;
    auto said = read_delivery(delivery).value();
    digest_context context;
    context.instance = cloud_instance;
    auto const first = digest(said, known_state(), context);
    ASSERT_EQ(first.comments.size(), 1u);
    known_state known;
    known.snapshot = first.snapshot;
    known.comments.emplace(1, first.comments.front());
    said.look->asked_at += seconds(60);
    EXPECT_TRUE(digest(said, known, context).comments.empty());
}

TEST_F(cloud_looks, tasks_are_told_by_looks_alone)
{
    // A task and a comment may have one number.
    auto const comment = comment_text(5, "Why?", "09:30:00");
    EXPECT_EQ(
        kinds_of(look(look_at(comment, "10:00:00", task_text(5, "UNRESOLVED", "09:30:00")))),
        (words{"comment.added", "task.added"})
    );
    EXPECT_EQ(
        kinds_of(look(look_at(comment, "10:01:00", task_text(5, "RESOLVED", "10:00:30")))),
        words{"task.resolved"}
    );
    auto const both = look(look_at(comment, "10:02:00", task_text(5, "UNRESOLVED", "10:01:30", "Do it")));
    EXPECT_EQ(kinds_of(both), (words{"task.reopened", "task.edited"}));
    EXPECT_EQ(std::get<task_detail>(both.at(1).detail).task.text, "Do it");
    EXPECT_EQ(std::get<task_detail>(both.at(1).detail).task.id, 5);
    EXPECT_EQ(kinds_of(look(look_at(comment, "10:04:00"))), words{});
    auto const gone = look(look_at(comment, "10:05:00"));
    EXPECT_EQ(kinds_of(gone), words{"task.deleted"});
    EXPECT_EQ(std::get<task_detail>(gone.at(0).detail).task.id, 5);
    EXPECT_EQ(kinds_of(look(look_at(comment, "10:07:00"))), words{});
}

TEST_F(cloud_looks, a_deleted_comment_stays_listed_or_is_gone)
{
    look(look_at(comment_text(1, "One", "09:30:00") + "," + comment_text(2, "Two", "09:30:00")));
    auto const listed = look(look_at(
        comment_text(1, "", "10:01:00", R"(,"deleted":true)") + "," + comment_text(2, "Two", "09:30:00"),
        "10:02:00"
    ));
    EXPECT_EQ(kinds_of(listed), words{"comment.deleted"});
    EXPECT_EQ(listed.at(0).occurred_at, clock_at("10:01:00"));
    EXPECT_EQ(std::get<comment_detail>(listed.at(0).detail).comment.text, "One");

    auto partial = look_at("", "10:05:00");
    partial.whole = R"("tasks")";
    EXPECT_EQ(kinds_of(look(partial)), words{}) << "a list that breaks off proves nothing gone";
    EXPECT_EQ(kinds_of(look(look_at("", "10:06:00"))), words{});
    auto const gone = look(look_at("", "10:07:00"));
    EXPECT_EQ(kinds_of(gone), words{"comment.deleted"});
    EXPECT_EQ(std::get<comment_detail>(gone.at(0).detail).comment.id, 2);
    EXPECT_EQ(
        kinds_of(bridge_.webhook(
            "pullrequest:comment_deleted", news(comment_text(2, "Two", "10:05:30", R"(,"deleted":true)"))
        )),
        words{}
    );
    EXPECT_EQ(
        kinds_of(look(look_at(comment_text(9, "", "10:07:00", R"(,"deleted":true)"), "10:08:00"))), words{}
    ) << "made and deleted between two looks";
}

TEST_F(cloud_looks, what_came_while_the_list_was_made_is_not_gone)
{
    auto young = comment_text(1, "New", "09:59:50");
    young.replace(young.find("09:30:00"), 8, "09:59:50");
    bridge_.webhook("pullrequest:comment_created", news(young));
    EXPECT_EQ(kinds_of(look(look_at("", "10:00:00"))), words{});
    EXPECT_EQ(kinds_of(look(look_at("", "10:01:00"))), words{}) << "seen to be missing for the first time";
    EXPECT_EQ(kinds_of(look(look_at("", "10:02:00"))), words{"comment.deleted"});
}

TEST_F(cloud_looks, an_old_answer_moves_nothing_back)
{
    look(look_at(comment_text(1, "Second", "09:50:00"), "10:00:00", task_text(3, "RESOLVED", "09:50:00")));
    EXPECT_EQ(
        kinds_of(look(
            look_at(comment_text(1, "First", "09:40:00"), "09:45:00", task_text(3, "UNRESOLVED", "09:40:00"))
        )),
        words{}
    );
}

TEST_F(cloud_looks, what_is_not_published_is_not_seen)
{
    EXPECT_EQ(kinds_of(look(look_at(comment_text(1, "Draft", "09:30:00", R"(,"pending":true)")))), words{});
    EXPECT_EQ(
        kinds_of(look(look_at(comment_text(1, "Draft", "09:30:00"), "10:01:00"))), words{"comment.added"}
    );
}

TEST_F(cloud_looks, the_pull_request_itself_is_compared)
{
    look(look_at(""));
    auto moved = look_at("", "10:20:00");
    moved.pull_request = R"("pullrequest":{"id":7,"title":"Bounds","state":"MERGED","author":{"uuid":"{ada}",
        "account_id":"ada"},"created_on":"2026-11-20T08:00:00Z","updated_on":"2026-11-20T10:10:00Z",
        "reviewers":[{"uuid":"{lin}","account_id":"lin"}],"participants":[{"role":"REVIEWER","state":"approved",
        "user":{"uuid":"{lin}","account_id":"lin"}}]})";
    auto const found = look(moved);
    EXPECT_EQ(
        kinds_of(found), (words{"pull_request.title_changed", "pull_request.merged", "pull_request.approved"})
    );
    EXPECT_FALSE(found.at(0).actor) << "not told";
    EXPECT_EQ(found.at(2).actor.value().id, "lin") << "a review is its reviewer's";
    EXPECT_EQ(kinds_of(look(moved)), words{});
}

TEST(looks, have_a_key_that_no_webhook_may_have)
{
    auto const body = look_at("").body();
    inbound delivery;
    delivery.event_key = look_key;
    delivery.body = body;
    for (auto const of : {edition::cloud, edition::data_center})
    {
        delivery.edition = of;
        delivery.origin = event_origin::webhook;
        auto const forged = read_delivery(delivery);
        ASSERT_FALSE(forged);
        EXPECT_EQ(forged.error().code, errc::not_found);
    }
    delivery.edition = edition::cloud;
    for (auto const origin : {event_origin::poll, event_origin::catch_up})
    {
        delivery.origin = origin;
        EXPECT_TRUE(read_delivery(delivery));
        auto other = delivery;
        other.event_key = "pullrequest:updated";
        EXPECT_EQ(read_delivery(other).error().code, errc::not_found);
    }
}

TEST(looks, name_what_they_lack)
{
    auto const fault = [](std::string const& body)
    {
        inbound delivery;
        delivery.event_key = look_key;
        delivery.origin = event_origin::poll;
        delivery.body = body;
        auto const said = read_delivery(delivery);
        return said ? std::string() : said.error().message;
    };
    auto const start = "{" + repository_text + "," + pull_request_text();
    EXPECT_EQ(fault(start + R"(,"since":1})"), "/asked_at: is missing");
    EXPECT_EQ(fault(start + R"(,"asked_at":1})"), "/since: is missing");
    EXPECT_EQ(fault(start + R"(,"asked_at":1,"since":1,"comments":[{}]})"), "/comments/0/id: is missing");
    EXPECT_EQ(
        fault(start + R"(,"asked_at":1,"since":1,"tasks":[{"id":1,"creator":7}]})"),
        "/tasks/0/creator: expected an object"
    );
    EXPECT_EQ(fault(start + R"(,"asked_at":1,"since":1,"comments":7})"), "/comments: expected an array");
}

TEST(looks, take_no_id_that_is_none)
{
    auto shown = look_at("", "10:00:00", task_text(-5, "UNRESOLVED", "09:30:00"));
    auto const body = shown.body();
    inbound delivery;
    delivery.event_key = look_key;
    delivery.origin = event_origin::poll;
    delivery.body = body;
    EXPECT_EQ(read_delivery(delivery).error().message, "/tasks/0/id: expected an integer above 0");
}

TEST(looks, a_list_beyond_the_limit_counts_as_broken_off)
{
    auto const read = [](std::size_t count)
    {
        std::string comments;
        for (std::size_t i = 0; i < count; ++i)
            comments += (i == 0 ? "" : ",") + comment_text(static_cast<int>(i + 1), "x", "09:30:00");
        auto const body = look_at(comments).body();
        inbound delivery;
        delivery.event_key = look_key;
        delivery.origin = event_origin::poll;
        delivery.body = body;
        return read_delivery(delivery).value().look.value();
    };
    EXPECT_TRUE(read(shown_comments_max).are_comments_whole);
    EXPECT_FALSE(read(shown_comments_max + 1).are_comments_whole);
    EXPECT_EQ(read(shown_comments_max + 1).comments.size(), shown_comments_max);
}

}  // namespace
}  // namespace linkspan::test
