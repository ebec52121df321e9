#include "tests/support/link_fixture.hpp"
#include "tests/support/webhook_recorder.hpp"

// check-link --post: for webhooks of which nothing but a message shows whether they work.

namespace linkspan::test
{
namespace
{

struct check_link_post : link_service
{
    static constexpr char hook[] = "/hooks/canaryhookcanaryhookcanary";

    // The output of check-link for a Mattermost webhook at this receiver.
    auto check(std::vector<std::string> options = {})
    {
        std::vector<std::string> all = {"check-link", "team"};
        all.insert(all.end(), options.begin(), options.end());
        return profile.run(all);
    }

    void link_to(webhook_recorder const& receiver)
    {
        auto const made = profile.run(
            {"create-link",
             "--template",
             "mattermost-webhook",
             "--name",
             "team",
             "--kv",
             "webhook_url=" + receiver.url() + hook}
        );
        ASSERT_EQ(made.code, 0) << made.err;
        EXPECT_TRUE(contains(made.err, "linkspan check-link team --post")) << made.err;
    }
};

TEST_F(check_link_post, is_never_done_unasked)
{
    webhook_recorder receiver({200}, "ok");
    link_to(receiver);
    auto const checked = check();
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_TRUE(contains(checked.out, "linkspan check-link team --post posts a test message")) << checked.out;
    EXPECT_TRUE(contains(checked.out, "its service was not asked")) << checked.out;
    EXPECT_TRUE(receiver.requests().empty());
}

TEST_F(check_link_post, posts_one_message_and_remembers_that_it_was_taken)
{
    webhook_recorder receiver({200}, "ok");
    link_to(receiver);
    auto const checked = check({"--post"});
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_TRUE(contains(checked.out, "Link team works.")) << checked.out;
    ASSERT_EQ(receiver.requests().size(), 1u);
    EXPECT_TRUE(contains(receiver.requests()[0].body, "A test message of Linkspan"));
    EXPECT_EQ(profile.json({"get-meta", "team"}).at("facts").at("check").as_string(), "ok");
}

TEST_F(check_link_post, a_refusal_stays_known_and_repeats_no_secret)
{
    std::string const words(275, 'x');
    webhook_recorder receiver(
        {400}, R"({"id":"web.incoming_webhook.general.app_error","message":")" + words + " " + hook + R"("})"
    );
    link_to(receiver);
    auto const checked = check({"--post"});
    EXPECT_EQ(checked.code, 5) << checked.err;
    EXPECT_EQ(check().code, 0);
    auto const facts = profile.json({"get-meta", "team"}).at("facts");
    EXPECT_TRUE(std::string_view(facts.at("check").as_string()).starts_with("fault: "));
    auto const audit = profile.run({"audit", "team", "--json"});
    for (auto const& text : {checked.out, checked.err, std::string(facts.at("check").as_string()), audit.out})
        EXPECT_FALSE(contains(text, "canary")) << text;
}

TEST_F(check_link_post, is_refused_where_something_better_is_there)
{
    profile.create({"--template", "console", "--name", "here"});
    auto const refused = profile.run({"check-link", "here", "--post"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_TRUE(contains(refused.err, "leave --post out")) << refused.err;
}

}  // namespace
}  // namespace linkspan::test
