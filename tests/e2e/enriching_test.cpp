#include "tests/support/enriched_world.hpp"
#include "tests/support/watched_cloud.hpp"

// What no delivery tells of an event, and rules and messages need: the real app and a simulated Cloud on one
// virtual clock.

namespace linkspan::test
{
namespace
{

struct enriching : enriched<watched_cloud>
{
    // The API answers nothing of this kind until the door is opened.
    void hold_answers(cloud_call to)
    {
        door.close();
        cloud.set_before_answer(
            [this, to](cloud_call call)
            {
                if (call == to)
                    door.pass();
            }
        );
    }

    std::int64_t open_pull_request()
    {
        auto const id = cloud.open_pull_request("api", "Mend the gate");
        cloud.deliver_pending();
        return id;
    }

    // One whose message waits for its paths.
    std::int64_t open_and_wait()
    {
        start();
        hold_answers(cloud_call::diffstat);
        auto const id = open_pull_request();
        EXPECT_TRUE(becomes("delivery WHERE needs IS NOT NULL", 1));
        return id;
    }

    // The same, and behind it in its lane a comment that another rule takes.
    std::int64_t open_and_wait_before_a_comment()
    {
        settings.rules.front().kinds = {"pull_request.opened"};
        add_rule(settings, "terminal");
        settings.rules.back().kinds = {"comment.added"};
        auto const id = open_and_wait();
        cloud.add_comment("api", id, "words about it");
        cloud.deliver_pending();
        EXPECT_TRUE(becomes("delivery WHERE state = 0", 2));
        return id;
    }

    bool is_printed(std::string const& words) { return app->printed().find(words) != std::string::npos; }
};

TEST_F(enriching, a_rule_takes_what_changes_one_of_its_paths)
{
    start();
    open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_TRUE(is_printed("Mend the gate"));
    EXPECT_NE(text_of("why", 1).find("paths (src/**)"), std::string::npos) << text_of("why", 1);
    EXPECT_EQ(cloud.calls(cloud_call::diffstat), 1u);
    EXPECT_EQ(now(), story_day()) << "no time passed";
}

TEST_F(enriching, a_rule_does_not_take_what_changes_none_of_its_paths_and_says_so)
{
    settings.rules.front().paths = {"docs/**", "*.md"};
    start();
    open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 1));
    EXPECT_EQ(text_of("reason", 4), "rule 1: paths: none of 1 changed files matches docs/**, *.md");
    EXPECT_EQ(app->printed(), "");
}

TEST_F(enriching, a_redirect_of_the_diffstat_is_followed)
{
    auto rules = cloud.rules();
    rules.redirects_diffstat = true;
    cloud.set_rules(rules);
    start();
    open_pull_request();
    EXPECT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_EQ(cloud.calls(cloud_call::diffstat), 2u);
}

TEST_F(enriching, one_pair_of_commits_is_asked_about_once)
{
    add_destination(settings, "other", "console");
    add_rule(settings, "other");
    settings.rules.back().kinds = {"pull_request.*"};
    settings.rules.back().paths = {"docs/**"};
    start();
    hold_answers(cloud_call::diffstat);
    auto const id = open_pull_request();
    cloud.set_title("api", id, "Mend the gate soon");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("delivery WHERE needs = 'changed_paths'", 4));
    door.open();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 2));
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 2));
    // Known already: nobody waits.
    cloud.approve("api", id, "grace");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 3));
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 3));
    EXPECT_EQ(cloud.calls(cloud_call::diffstat), 1u);
    // Other commits are another question.
    cloud.push_to("api", id, "docs/gate.md");
    cloud.deliver_pending();
    EXPECT_TRUE(becomes("delivery WHERE state = 1", 5));
    EXPECT_EQ(cloud.calls(cloud_call::diffstat), 2u);
}

TEST_F(enriching, what_waits_keeps_its_place_in_its_lane_and_holds_up_no_other)
{
    settings.rules.front().kinds = {"pull_request.opened"};
    add_rule(settings, "terminal");
    settings.rules.back().kinds = {"comment.added", "branch.created"};
    start();
    hold_answers(cloud_call::diffstat);
    auto const id = open_pull_request();
    cloud.add_comment("api", id, "words about it");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("event WHERE kind = 'comment.added'", 1));
    // The branch is of the repository's conversation.
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    advance(seconds(5));
    EXPECT_EQ(get(app->admin_url() + "/readyz").status, 200);
    EXPECT_EQ(profile.count("delivery WHERE state = 0"), 2);
    EXPECT_FALSE(is_printed("words about it"));
    door.open();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 3));
    auto const printed = app->printed();
    EXPECT_LT(printed.find("Mend the gate"), printed.find("words about it")) << printed;
}

TEST_F(enriching, what_is_not_taken_frees_its_lane)
{
    settings.rules.front().paths = {"docs/**"};
    open_and_wait_before_a_comment();
    door.open();
    EXPECT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_TRUE(is_printed("words about it"));
}

TEST_F(enriching, goes_on_behind_a_restart)
{
    open_and_wait();
    stop();
    EXPECT_EQ(profile.count("delivery WHERE needs IS NOT NULL AND state = 0"), 1);
    door.open();
    now_ += 3'000;
    start();
    EXPECT_TRUE(becomes("delivery WHERE state = 1", 1));
}

TEST_F(enriching, is_decided_at_once_behind_a_restart_that_came_too_late)
{
    open_and_wait();
    stop();
    door.open();
    now_ += 60'000;
    start();
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 1));
    EXPECT_NE(text_of("reason", 4).find("Bitbucket was not asked in time"), std::string::npos)
        << text_of("reason", 4);
}

TEST_F(enriching, an_answer_that_is_late_is_waited_for_ten_seconds)
{
    auto const id = open_and_wait();
    advance(enrichment_wait - milliseconds(1));
    EXPECT_EQ(get(app->admin_url() + "/readyz").status, 200);
    EXPECT_EQ(profile.count("delivery WHERE state = 0"), 1);
    advance(milliseconds(1));
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 1));
    EXPECT_EQ(
        text_of("reason", 4),
        "rule 1: paths: the changed files could not be had: Bitbucket did not answer within 10 seconds"
    );
    // It comes all the same, and is known then.
    door.open();
    ASSERT_TRUE(becomes("known_fact", 1));
    cloud.set_title("api", id, "Mend the gate soon");
    cloud.deliver_pending();
    EXPECT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_EQ(cloud.calls(cloud_call::diffstat), 1u);
}

TEST_F(enriching, a_message_whose_event_cannot_be_read_is_given_up_and_holds_nothing_up)
{
    open_and_wait_before_a_comment();
    profile.execute("UPDATE event SET json = '{' WHERE kind = 'pull_request.opened'");
    door.open();
    EXPECT_TRUE(becomes("delivery WHERE state = 2", 1));
    EXPECT_TRUE(becomes("delivery WHERE state = 1", 1));
}

struct enriching_fault
{
    std::string name;
    cloud_fault fault;
    bool is_passing = false;  // it is asked again until the time is up
    std::string words;
};

struct enriching_in_vain : enriching, testing::WithParamInterface<enriching_fault>
{
};

TEST_P(enriching_in_vain, is_decided_within_its_time_and_says_why)
{
    add_rule(settings, "terminal");
    settings.rules.back().kinds = {"pull_request.declined"};
    start();
    cloud.script(cloud_call::diffstat, std::vector<cloud_fault>(20, GetParam().fault));
    auto const id = open_pull_request();
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 4", 1, seconds(1)));
    EXPECT_LE(now() - story_day(), enrichment_wait);
    EXPECT_EQ(now() - story_day() > seconds(5), GetParam().is_passing);
    auto const reason = text_of("reason", 4);
    EXPECT_TRUE(reason.starts_with("rule 1: paths: the changed files could not be had: ")) << reason;
    EXPECT_NE(reason.find(GetParam().words), std::string::npos) << reason;
    EXPECT_LE(cloud.calls(cloud_call::diffstat), 6u);
    // The lane goes on, by the rules that need nothing.
    cloud.decline("api", id);
    cloud.deliver_pending();
    EXPECT_TRUE(becomes_in_time("delivery WHERE state = 1", 1, seconds(1)));
}

INSTANTIATE_TEST_SUITE_P(
    faults,
    enriching_in_vain,
    testing::Values(
        enriching_fault{"status_500", cloud_fault::status(500), true, "500"},
        enriching_fault{"html", cloud_fault::html(), true, "not in JSON"},
        enriching_fault{"half", cloud_fault::half(), true, "cut short"},
        enriching_fault{"cut", cloud_fault::cut(), true, ""},
        enriching_fault{"rate_limit", cloud_fault::rate_limit("60"), false, ""},
        enriching_fault{"missing_scope", cloud_fault::missing_scope("repository"), false, "repository"},
        enriching_fault{"gone", cloud_fault::status(404), false, "404"}
    ),
    [](auto const& one) { return one.param.name; }
);

TEST_F(enriching, a_failure_that_passes_costs_seconds)
{
    start();
    cloud.script(cloud_call::diffstat, {cloud_fault::status(500), cloud_fault::cut()});
    open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE needs IS NOT NULL", 1));
    ASSERT_TRUE(becomes_in_time("delivery WHERE needs IS NOT NULL", 0, seconds(1)));
    EXPECT_LE(now() - story_day(), seconds(6));
    EXPECT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_EQ(cloud.calls(cloud_call::diffstat), 3u);
}

TEST_F(enriching, a_repository_that_no_source_asks_about_is_decided_at_once)
{
    settings.sources.front().repositories = {"acme/other"};
    cloud.add_repository("other");
    start();
    open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 1));
    EXPECT_EQ(
        text_of("reason", 4),
        "rule 1: paths: the changed files could not be had: no [[source]] with an api link has acme/api"
    );
    EXPECT_EQ(cloud.calls(cloud_call::diffstat), 0u);
}

TEST_F(enriching, without_an_api_it_is_decided_at_once)
{
    settings.sources.front().api.clear();
    settings.rules.front().stop = true;
    add_destination(settings, "other", "console");
    add_rule(settings, "other");
    settings.rules.back().kinds = {"pull_request.*"};
    start();
    open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    std::string const fault =
        "the changed files could not be had: no [[source]] asks the API of its Bitbucket";
    EXPECT_EQ(text_of("reason", 4), "rule 1: paths: " + fault);
    EXPECT_EQ(text_of("why", 1), "rule 2: kinds: pull_request.opened matches pull_request.*; " + fault);
}

TEST_F(enriching, an_event_without_two_commits_is_decided_at_once)
{
    settings.rules.front().kinds = {"branch.*"};
    start();
    open_pull_request();
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 1));
    EXPECT_EQ(
        text_of("reason", 4),
        "rule 1: paths: the changed files could not be had: the event names no two commits to compare"
    );
    cloud.push("api", "feature/1", {{"src/b.cpp"}});
    cloud.deliver_pending();
    EXPECT_TRUE(becomes_in_time("delivery WHERE state = 1", 1, seconds(5)));
}

struct telling_whole : enriching
{
    telling_whole()
    {
        settings.rules.front().kinds = {"branch.updated", "pull_request.commits_pushed"};
        settings.rules.front().paths.clear();
    }

    // What every delivery of is cut behind five commits.
    void push(std::string const& branch, std::size_t commits)
    {
        cloud.push("api", branch, std::vector<std::vector<std::string>>(commits, {"src/a.cpp"}));
        cloud.deliver_pending();
    }
};

TEST_F(telling_whole, a_push_has_the_commits_that_its_delivery_cut_off)
{
    start();
    push("dev", 1);
    push("dev", 8);
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_TRUE(is_printed("pushed 8 commits to ")) << app->printed();
    EXPECT_EQ(cloud.calls(cloud_call::commits), 1u);
    push("dev", 5);
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 2));
    EXPECT_EQ(cloud.calls(cloud_call::commits), 1u) << "none was cut off";
}

TEST_F(telling_whole, the_push_to_a_pull_request_has_those_of_its_branch)
{
    start();
    open_pull_request();
    ASSERT_TRUE(becomes("snapshot", 1));
    hold_answers(cloud_call::commits);
    push("feature/1", 8);
    ASSERT_TRUE(becomes("delivery WHERE state = 3", 1)) << "the branch's message gives way";
    door.open();
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_TRUE(is_printed("pushed 8 commits to #1")) << app->printed();
    EXPECT_EQ(cloud.calls(cloud_call::commits), 1u);
}

TEST_F(telling_whole, without_them_it_is_told_of_those_that_are_known)
{
    start();
    push("dev", 1);
    cloud.script(cloud_call::commits, std::vector<cloud_fault>(10, cloud_fault::status(404)));
    push("dev", 8);
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_TRUE(is_printed("pushed at least 5 commits to ")) << app->printed();
    EXPECT_NE(text_of("why", 1).find("; not all of its commits could be had: "), std::string::npos)
        << text_of("why", 1);
}

TEST_F(telling_whole, a_long_push_is_told_as_far_as_it_is_read)
{
    start();
    push("dev", 1);
    push("dev", 520);
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    EXPECT_TRUE(is_printed("pushed at least 500 commits to ")) << app->printed();
    EXPECT_EQ(cloud.calls(cloud_call::commits), 5u);
}

// --- two events of one push, one of which is to be decided

struct deciding_twins : enriching
{
    // The branch's event goes by one rule, the pull request's by another that asks about paths.
    void begin(std::vector<std::string> paths)
    {
        settings.rules.front().kinds = {"pull_request.commits_pushed"};
        settings.rules.front().paths = std::move(paths);
        add_rule(settings, "terminal");
        settings.rules.back().kinds = {"branch.updated"};
        start();
        open_pull_request();
        ASSERT_TRUE(becomes("snapshot", 1));
        hold_answers(cloud_call::diffstat);
        cloud.push("api", "feature/1", {{"src/b.cpp"}});
        cloud.deliver_pending();
        ASSERT_TRUE(becomes("delivery WHERE state = 0", 2));
        door.open();
    }
};

TEST_F(deciding_twins, the_branch_is_told_where_the_pull_request_is_not)
{
    begin({"docs/**"});
    ASSERT_TRUE(becomes("delivery WHERE state = 4", 1));
    ASSERT_TRUE(becomes_in_time("delivery WHERE state = 1", 1, seconds(2)));
    EXPECT_TRUE(is_printed("pushed 1 commit to ")) << app->printed();
}

TEST_F(deciding_twins, the_branch_gives_way_where_the_pull_request_is_told)
{
    begin({"src/**"});
    ASSERT_TRUE(becomes("delivery WHERE state = 1", 1));
    ASSERT_TRUE(becomes("delivery WHERE state = 3", 1));
    EXPECT_TRUE(is_printed("#1")) << app->printed();
}

}  // namespace
}  // namespace linkspan::test
