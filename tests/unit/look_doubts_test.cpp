#include "tests/support/look_answers.hpp"

// What a look may have wrong, or may show before or behind the webhooks of the same.
namespace linkspan::test
{
namespace
{

std::string listed_note(
    int id, std::string const& text, std::string const& updated, std::string const& more = ""
)
{
    return R"({"id":)" + std::to_string(id) + R"(,"content":{"raw":")" + text +
           R"("},"user":{"uuid":"{lin}","account_id":"lin"},"created_on":"2026-11-20T09:30:00Z","updated_on":"2026-11-20T)" +
           updated + R"(Z")" + more + "}";
}

std::string listed_fields(
    std::string const& updated, std::string const& reviews = "", std::string const& more = ""
)
{
    return R"({"id":7,"title":"Limits","state":"OPEN","created_on":"2026-11-20T08:00:00Z",
        "author":{"uuid":"{ada}","account_id":"ada"},"updated_on":"2026-11-20T)" +
           updated + R"(Z","destination":{"branch":{"name":"main"},"commit":{"hash":"bbbbbbbbbbbb"}},
        "reviewers":[{"uuid":"{lin}","account_id":"lin"}],"participants":[)" +
           reviews + "]" + more + "}";
}

std::string review_by_lin(std::string const& state)
{
    return R"({"role":"REVIEWER","state":)" + state + R"(,"user":{"uuid":"{lin}","account_id":"lin"}})";
}

std::string cloud_delivery(std::string const& shown, std::string const& member, std::string const& value)
{
    return R"({"repository":{"uuid":"{r}","full_name":"acme/api"},"actor":{"uuid":"{lin}","account_id":"lin"},
        "pullrequest":)" +
           shown + R"(,")" + member + R"(":)" + value + "}";
}

class doubtful_looks : public testing::Test
{
protected:
    std::vector<event> look(look_answers const& shown) { return take(bridge_, shown); }

    std::vector<event> look_at_notes(std::string const& asked, std::string const& notes)
    {
        return look(with_comments(answers_of(edition::cloud, asked), notes));
    }

    std::vector<event> look_at_fields(std::string const& asked, std::string const& shown)
    {
        return look(with_pull_request(answers_of(edition::cloud, asked), shown));
    }

    std::vector<event> hear_note(std::string const& key, std::string const& note)
    {
        return bridge_.webhook(
            "pullrequest:comment_" + key, cloud_delivery(listed_fields("09:00:00"), "comment", note)
        );
    }

    std::vector<event> hear_review(std::string const& key, std::string const& date)
    {
        auto const state = key == "approved" ? review_by_lin("\"approved\"") : review_by_lin("null");
        return bridge_.webhook(
            "pullrequest:" + key,
            cloud_delivery(
                listed_fields("09:00:00", state),
                "approval",
                R"({"date":"2026-11-20T)" + date + R"(Z","user":{"uuid":"{lin}","account_id":"lin"}})"
            )
        );
    }

    looked_bridge bridge_{edition::cloud};
};

// --- the number alone ---

TEST_F(doubtful_looks, that_show_the_number_alone_compare_comments_and_move_nothing_else)
{
    auto const first = look_at_notes("10:00:00", listed_note(1, "Why?", "09:30:00"));
    ASSERT_EQ(kinds_of(first), words{"comment.added"});
    EXPECT_EQ(first.at(0).pull_request.value().id, 7);
    EXPECT_FALSE(bridge_.known_pull_request()) << "nothing is known of it";
    EXPECT_EQ(kinds_of(look_at_notes("10:00:10", listed_note(1, "Why?", "09:30:00"))), words{});

    look_at_fields("10:01:00", listed_fields("09:00:00", review_by_lin("\"approved\"")));
    auto const before = *bridge_.known_pull_request();
    auto const second = look_at_notes("10:02:00", listed_note(1, "Why not?", "10:01:30"));
    ASSERT_EQ(kinds_of(second), words{"comment.edited"});
    EXPECT_EQ(second.at(0).pull_request.value().title, "Limits") << "as it is known";
    EXPECT_EQ(*bridge_.known_pull_request(), before);
}

TEST_F(doubtful_looks, that_ask_for_comments_alone_say_nothing_of_tasks)
{
    auto const task = R"({"id":5,"content":{"raw":"Do"},"state":"UNRESOLVED",
        "created_on":"2026-11-20T09:40:00Z","updated_on":"2026-11-20T09:40:00Z"})";
    auto const notes = listed_note(1, "Why?", "09:30:00");
    look(with_tasks(with_comments(answers_of(edition::cloud, "10:00:00"), notes), task));
    for (auto const* asked : {"10:05:00", "10:10:00"})
        EXPECT_EQ(kinds_of(look_at_notes(asked, notes)), words{}) << asked;
    for (auto const* asked : {"10:15:00", "10:20:00"})
        EXPECT_EQ(kinds_of(look(answers_of(edition::cloud, asked))), words{}) << asked;
}

// --- edits ---

TEST_F(doubtful_looks, tell_no_edit_again_whose_version_moved_on_before_its_webhook)
{
    hear_note("created", listed_note(1, "Frist", "09:30:00"));
    // Resolving its thread has moved the version once more.
    EXPECT_EQ(
        kinds_of(look_at_notes("10:00:00", listed_note(1, "First", "09:50:00"))), words{"comment.edited"}
    );
    EXPECT_EQ(kinds_of(hear_note("updated", listed_note(1, "First", "09:45:00"))), words{});
    EXPECT_EQ(kinds_of(hear_note("updated", listed_note(1, "Fist", "09:40:00"))), words{}) << "one between";
    EXPECT_EQ(kinds_of(hear_note("updated", listed_note(1, "Last", "10:20:00"))), words{"comment.edited"});
}

TEST_F(doubtful_looks, tell_an_edit_whose_text_came_with_other_news)
{
    hear_note("created", listed_note(1, "Frist", "09:30:00"));
    EXPECT_EQ(
        kinds_of(hear_note("resolved", listed_note(1, "First", "09:35:00"))), words{"comment.resolved"}
    );
    auto const found = look_at_notes("10:00:00", listed_note(1, "First", "09:35:00"));
    ASSERT_EQ(kinds_of(found), words{"comment.edited"});
    EXPECT_EQ(std::get<comment_detail>(found.at(0).detail).previous_text, "Frist");
    EXPECT_EQ(kinds_of(hear_note("updated", listed_note(1, "First", "09:35:00"))), words{});
    EXPECT_EQ(kinds_of(look_at_notes("10:02:00", listed_note(1, "First", "09:35:00"))), words{});
}

TEST_F(doubtful_looks, leave_such_an_edit_to_its_webhook_where_that_comes_first)
{
    hear_note("created", listed_note(1, "Frist", "09:30:00"));
    hear_note("resolved", listed_note(1, "First", "09:35:00"));
    EXPECT_EQ(kinds_of(hear_note("updated", listed_note(1, "First", "09:35:00"))), words{"comment.edited"});
    EXPECT_EQ(kinds_of(look_at_notes("10:00:00", listed_note(1, "First", "09:35:00"))), words{});
}

TEST_F(doubtful_looks, tell_what_was_added_where_nothing_but_its_edit_was_heard_of)
{
    EXPECT_EQ(kinds_of(hear_note("updated", listed_note(1, "First", "09:45:00"))), words{"comment.edited"});
    EXPECT_EQ(
        kinds_of(look_at_notes("10:00:00", listed_note(1, "First", "09:45:00"))), words{"comment.added"}
    );
    EXPECT_EQ(kinds_of(look_at_notes("10:01:00", listed_note(1, "First", "09:45:00"))), words{});
    EXPECT_EQ(kinds_of(hear_note("created", listed_note(1, "Frist", "09:30:00"))), words{}) << "told";
}

// --- lists that are wrong ---

TEST_F(doubtful_looks, need_two_lists_to_find_a_comment_gone)
{
    auto const both = listed_note(1, "One", "09:30:00") + "," + listed_note(2, "Two", "09:30:00");
    look_at_notes("10:00:00", both);
    EXPECT_EQ(kinds_of(look_at_notes("10:05:00", listed_note(2, "Two", "09:30:00"))), words{});
    EXPECT_EQ(kinds_of(look_at_notes("10:05:59", listed_note(2, "Two", "09:30:00"))), words{})
        << "as old as lists lag";
    EXPECT_EQ(kinds_of(look_at_notes("10:06:30", both)), words{}) << "it was there";
    EXPECT_EQ(kinds_of(look_at_notes("10:07:00", listed_note(2, "Two", "09:30:00"))), words{});
    auto const gone = look_at_notes("10:08:00", listed_note(2, "Two", "09:30:00"));
    ASSERT_EQ(kinds_of(gone), words{"comment.deleted"});
    EXPECT_EQ(gone.at(0).occurred_at, clock_at("10:07:00")) << "when it was missed first";
}

TEST_F(doubtful_looks, take_a_comment_back_that_lists_denied)
{
    auto const both = listed_note(1, "One", "09:30:00") + "," + listed_note(2, "Two", "09:30:00");
    look_at_notes("10:00:00", both);
    look_at_notes("10:05:00", listed_note(2, "Two", "09:30:00"));
    EXPECT_EQ(
        kinds_of(look_at_notes("10:06:00", listed_note(2, "Two", "09:30:00"))), words{"comment.deleted"}
    );
    EXPECT_EQ(kinds_of(look_at_notes("10:05:30", both)), words{}) << "asked for before";
    EXPECT_EQ(kinds_of(look_at_notes("10:07:00", both)), words{}) << "it is known again";
    EXPECT_EQ(
        kinds_of(look_at_notes(
            "10:08:00", listed_note(1, "First", "10:07:30") + "," + listed_note(2, "Two", "09:30:00")
        )),
        words{"comment.edited"}
    );
}

TEST_F(doubtful_looks, take_nothing_back_that_was_told_to_be_deleted)
{
    auto const one = listed_note(1, "One", "09:30:00");
    look_at_notes("10:00:00", one);
    EXPECT_EQ(
        kinds_of(hear_note("deleted", listed_note(1, "One", "10:01:00", R"(,"deleted":true)"))),
        words{"comment.deleted"}
    );
    EXPECT_EQ(kinds_of(look_at_notes("10:01:10", one)), words{}) << "a list that lags";
    EXPECT_EQ(kinds_of(look_at_notes("10:10:00", listed_note(1, "First", "10:09:00"))), words{});
}

TEST_F(doubtful_looks, that_lag_take_no_review_back)
{
    look_at_fields("10:00:00", listed_fields("09:00:00"));
    EXPECT_EQ(kinds_of(hear_review("approved", "10:05:00")), words{"pull_request.approved"});
    EXPECT_EQ(kinds_of(look_at_fields("10:05:30", listed_fields("09:00:00"))), words{});
    EXPECT_EQ(bridge_.review_of("lin"), review_state::approved);
    EXPECT_EQ(
        kinds_of(look_at_fields("10:07:00", listed_fields("09:00:00"))),
        words{"pull_request.approval_withdrawn"}
    );
    EXPECT_EQ(bridge_.review_of("lin"), review_state::pending);
    EXPECT_EQ(
        kinds_of(look_at_fields("10:07:30", listed_fields("09:00:00", review_by_lin("\"approved\"")))),
        words{}
    ) << "it was taken back a moment ago";
    EXPECT_EQ(
        kinds_of(look_at_fields("10:09:00", listed_fields("09:00:00", review_by_lin("\"approved\"")))),
        words{"pull_request.approved"}
    );
}

TEST_F(doubtful_looks, that_lag_hide_no_review_that_a_webhook_tells)
{
    look_at_fields("10:00:00", listed_fields("09:00:00"));
    look_at_fields("10:05:30", listed_fields("09:00:00"));
    EXPECT_EQ(kinds_of(hear_review("approved", "10:05:00")), words{"pull_request.approved"});
}

TEST_F(doubtful_looks, of_an_earlier_version_take_no_reviewer_off)
{
    look_at_fields("10:00:00", listed_fields("09:00:00"));
    auto const asked = R"({"role":"REVIEWER","state":null,"user":{"uuid":"{grace}","account_id":"grace"}})";
    EXPECT_EQ(
        kinds_of(bridge_.webhook(
            "pullrequest:updated", cloud_delivery(listed_fields("10:05:00", asked), "changes", "{}")
        )),
        words{"pull_request.reviewers_changed"}
    );
    EXPECT_EQ(kinds_of(look_at_fields("10:05:30", listed_fields("09:00:00"))), words{});
    EXPECT_EQ(kinds_of(look_at_fields("10:07:00", listed_fields("10:05:00", asked))), words{});
}

// --- fields ---

TEST_F(doubtful_looks, let_webhooks_count_on)
{
    look_at_fields("10:00:00", listed_fields("09:00:00", "", R"(,"comment_count":1,"task_count":0)"));
    bridge_.webhook(
        "pullrequest:comment_created",
        cloud_delivery(
            listed_fields("09:00:00", "", R"(,"comment_count":2,"task_count":1)"),
            "comment",
            listed_note(1, "x", "10:05:00")
        )
    );
    EXPECT_EQ(bridge_.known_pull_request()->state.comments, 2);
    EXPECT_EQ(bridge_.known_pull_request()->state.tasks, 1);
}

TEST_F(doubtful_looks, tell_who_merged_and_as_which_commit)
{
    look_at_fields("10:00:00", listed_fields("09:00:00"));
    auto merged = listed_fields(
        "10:05:00",
        "",
        R"(,"merge_commit":{"hash":"abcdef123456"},"closed_by":{"uuid":"{ada}","account_id":"ada"})"
    );
    merged.replace(merged.find("OPEN"), 4, "MERGED");
    auto const found = look_at_fields("10:10:00", merged);
    ASSERT_EQ(kinds_of(found), words{"pull_request.merged"});
    EXPECT_EQ(std::get<closing>(found.at(0).detail).commit, "abcdef123456");
    EXPECT_EQ(found.at(0).actor.value().id, "ada");
    looked_bridge late(edition::cloud);
    auto at_once = with_pull_request(answers_of(edition::cloud, "10:10:00"), merged);
    at_once.since = clock_at("07:00:00");
    auto const whole = take(late, at_once);
    ASSERT_EQ(kinds_of(whole), (words{"pull_request.opened", "pull_request.merged"}));
    EXPECT_EQ(std::get<closing>(whole.at(1).detail).commit, "abcdef123456");
    EXPECT_EQ(whole.at(1).actor.value().id, "ada");
}

TEST_F(doubtful_looks, tell_who_resolved_a_thread_and_a_task)
{
    auto const by_ada = R"({"uuid":"{ada}","account_id":"ada"})";
    auto const task = [&](std::string const& state, std::string const& more)
    {
        return R"({"id":5,"content":{"raw":"Do"},"creator":{"uuid":"{lin}","account_id":"lin"},"state":")" +
               state + R"(","created_on":"2026-11-20T09:40:00Z","updated_on":"2026-11-20T09:40:00Z")" + more +
               "}";
    };
    auto const both = [&](std::string const& asked, std::string const& resolution, std::string const& tasks)
    {
        return look(with_tasks(
            with_comments(
                answers_of(edition::cloud, asked),
                listed_note(1, "Why?", "09:30:00", R"(,"resolution":)" + resolution)
            ),
            tasks
        ));
    };
    both("10:00:00", "null", task("UNRESOLVED", ""));
    auto const resolved = both(
        "10:10:00",
        std::string(R"({"created_on":"2026-11-20T10:05:00Z","user":)") + by_ada + "}",
        task("RESOLVED", std::string(R"(,"resolved_on":"2026-11-20T10:06:00Z","resolved_by":)") + by_ada)
    );
    ASSERT_EQ(kinds_of(resolved), (words{"comment.resolved", "task.resolved"}));
    for (auto const& one : resolved)
        EXPECT_EQ(one.actor.value().id, "ada");
    auto const reopened = both("10:20:00", "null", task("UNRESOLVED", ""));
    ASSERT_EQ(kinds_of(reopened), (words{"comment.reopened", "task.reopened"}));
    for (auto const& one : reopened)
        EXPECT_FALSE(one.actor) << "not told";
}

// --- Data Center ---

std::string server_fields(int version, std::string const& more)
{
    return R"({"id":7,"version":)" + std::to_string(version) +
           R"(,"title":"Limits","state":"OPEN","createdDate":"2026-11-20T08:00:00Z",
        "updatedDate":"2026-11-20T09:00:00Z","author":{"user":{"id":1,"name":"ada"}},"reviewers":[],"participants":[],
        "toRef":{"id":"refs/heads/main","displayId":"main","repository":{"id":9,"slug":"api","project":{"key":"ACME"}}})" +
           more + "}";
}

TEST(doubtful_data_center_looks, see_that_a_description_was_emptied)
{
    looked_bridge bridge(edition::data_center);
    auto const asked = answers_of(edition::data_center, "10:00:00");
    take(bridge, with_pull_request(asked, server_fields(1, R"(,"description":"Ten a second.")")));
    auto later = answers_of(edition::data_center, "10:10:00");
    EXPECT_EQ(kinds_of(take(bridge, later)), words{}) << "was not asked for";
    auto const found = take(bridge, with_pull_request(later, server_fields(2, "")));
    ASSERT_EQ(kinds_of(found), words{"pull_request.description_changed"});
    EXPECT_EQ(std::get<text_change>(found.at(0).detail).after, "");
}

TEST(doubtful_data_center_looks, that_lag_move_no_field_back_of_one_version)
{
    looked_bridge bridge(edition::data_center);
    auto const source = [](std::string const& commit)
    {
        return R"(,"description":"x","fromRef":{"id":"refs/heads/f","displayId":"f","latestCommit":")" +
               commit + R"(","repository":{"id":9,"slug":"api","project":{"key":"ACME"}}})";
    };
    auto const look = [&](std::string const& asked, std::string const& commit)
    {
        return kinds_of(take(
            bridge,
            with_pull_request(answers_of(edition::data_center, asked), server_fields(1, source(commit)))
        ));
    };
    look("10:00:00", "aaaaaaaaaaaa");
    auto const pushed =
        R"({"eventKey":"pr:from_ref_updated","date":"2026-11-20T10:05:00+0000","actor":{"id":1,"name":"ada"},
        "previousFromHash":"aaaaaaaaaaaa","pullRequest":)" +
        server_fields(1, source("cccccccccccc")) + "}";
    EXPECT_EQ(kinds_of(bridge.webhook("pr:from_ref_updated", pushed)), words{"pull_request.commits_pushed"});
    EXPECT_EQ(look("10:05:30", "aaaaaaaaaaaa"), words{}) << "an answer that lags";
    EXPECT_EQ(look("10:07:00", "cccccccccccc"), words{});
    EXPECT_EQ(look("10:09:00", "dddddddddddd"), words{"pull_request.commits_pushed"});
}

TEST(doubtful_data_center_looks, tell_who_merged_and_who_resolved)
{
    looked_bridge bridge(edition::data_center);
    auto const thread = [](int version, std::string const& more)
    {
        return R"({"id":4,"action":"COMMENTED","comment":{"id":11,"text":"Why?","severity":"NORMAL","state":"OPEN",
            "author":{"id":2,"name":"lin"},"createdDate":"2026-11-20T09:30:00Z","version":)" +
               std::to_string(version) + more + "}}";
    };
    auto const base = answers_of(edition::data_center, "10:00:00");
    take(
        bridge,
        with_comments(with_pull_request(base, server_fields(1, "")), thread(0, R"(,"threadResolved":false)"))
    );
    auto merged = server_fields(
        2, R"(,"closedDate":"2026-11-20T10:05:00Z","properties":{"mergeCommit":{"id":"abcdef123456"}})"
    );
    merged.replace(merged.find("OPEN"), 4, "MERGED");
    auto const found = take(
        bridge,
        with_comments(
            with_pull_request(answers_of(edition::data_center, "10:10:00"), merged),
            R"({"id":5,"action":"MERGED","user":{"id":1,"name":"ada"}},)" +
                thread(
                    1,
                    R"(,"threadResolved":true,"threadResolvedDate":"2026-11-20T10:04:00Z","threadResolver":{"id":3,"name":"grace"})"
                )
        )
    );
    ASSERT_EQ(kinds_of(found), (words{"pull_request.merged", "comment.resolved"}));
    EXPECT_EQ(found.at(0).actor.value().id, "1");
    EXPECT_EQ(found.at(0).occurred_at, clock_at("10:05:00"));
    EXPECT_EQ(std::get<closing>(found.at(0).detail).commit, "abcdef123456");
    EXPECT_EQ(found.at(1).actor.value().id, "3");
}

}  // namespace
}  // namespace linkspan::test
