#include "core/watch/budget.hpp"
#include "core/watch/schedule.hpp"
#include "core/watch/silence.hpp"
#include "tests/support/watched_cloud.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

// Bitbuckets that do not answer, and several sources beside each other: the real app and simulated Clouds on
// one virtual clock.

namespace linkspan::test
{
namespace
{

struct watched_sources : watched_cloud
{
    std::vector<std::int64_t> comments;

    // As many pull requests, each with a comment that is watched.
    void begin(int count)
    {
        start();
        for (int i = 0; i < count; ++i)
        {
            auto const pull_request = cloud.open_pull_request("api", "Mend gate " + std::to_string(i));
            comments.push_back(cloud.add_comment("api", pull_request, "words"));
        }
        cloud.deliver_pending();
        ASSERT_TRUE(becomes("watch", count));
    }

    std::size_t looks() const { return cloud.calls(cloud_call::comments); }
};

TEST_F(watched_sources, one_that_does_not_answer_is_asked_by_one_look_at_a_time)
{
    begin(30);
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(500, cloud_fault::status(503)));
    pass_until(now() + seconds(400));
    EXPECT_GE(looks(), looks_at_once_max + 4);
    EXPECT_LE(looks(), looks_at_once_max + 8) << "10 + 20 + 40 + 80 + 120 + 120 seconds";
    EXPECT_EQ(profile.count("watch"), 30);
    cloud.unscript();
    for (auto const comment : comments)
        cloud.edit_comment(comment, "second words");
    cloud.drop_pending();
    auto const mended_at = now();
    ASSERT_TRUE(becomes_in_time("event WHERE kind = 'comment.edited'", 30, seconds(5)));
    EXPECT_LE(now() - mended_at, silence_wait_max + seconds(10)) << "all are asked once one was answered";
}

TEST_F(watched_sources, what_was_lost_while_one_did_not_answer_is_asked_for_soon)
{
    settings.sources.front().repositories = {"acme/api"};
    begin(3);
    ASSERT_TRUE(becomes("watched_repository WHERE crawled_at IS NOT NULL", 1));
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(500, cloud_fault::cut()));
    pass_until(now() + seconds(120));
    auto const lost = cloud.open_pull_request("api", "Oil the gate");
    cloud.add_comment("api", lost, "lost on the way");
    cloud.drop_pending();
    cloud.unscript();
    auto const mended_at = now();
    ASSERT_TRUE(becomes_in_time("event WHERE json LIKE '%lost on the way%'", 1, seconds(5)));
    EXPECT_LE(now() - mended_at, silence_wait_max + loss_wait + seconds(15)) << "and not on the next beat";
}

TEST_F(watched_sources, that_share_a_link_share_its_pace)
{
    settings.sources.front().repositories = {"acme/api"};
    auto second = settings.sources.front();
    second.name = "second";
    second.webhook.clear();
    second.instance = "bitbucket.org";
    second.repositories = {"acme/web"};
    settings.sources.push_back(second);
    cloud.add_repository("web");
    start();
    int const each = 20;
    for (int i = 0; i < each; ++i)
        for (auto const* repository : {"api", "web"})
            cloud.add_comment(repository, cloud.open_pull_request(repository, "Mend gate"), "words");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", 2 * each));
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
    // A window of the greatest pace while nothing is spent, and what beginning late adds.
    auto const share = 2 * watching_share * repositories_per_hour * watch_end.count() / budget_hour.count();
    EXPECT_GE(looks(), 2u * each);
    EXPECT_LE(
        static_cast<double>(cloud.calls(cloud_call::comments) + cloud.calls(cloud_call::tasks)), 1.5 * share
    );
}

TEST_F(watched_sources, a_look_of_many_pages_counts_as_many)
{
    int const count = 10;
    for (int i = 0; i < count; ++i)
    {
        auto const pull_request = cloud.open_pull_request("api", "Mend gate");
        for (int comment = 0; comment < 450; ++comment)
            cloud.add_comment("api", pull_request, "old words");
    }
    cloud.drop_pending();
    now_ += 3'600'000;
    start();
    for (int i = 0; i < count; ++i)
        cloud.add_comment("api", i + 1, "words");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", count));
    ASSERT_TRUE(becomes_in_time("watch", 0, seconds(5)));
    auto const share = 2 * watching_share * repositories_per_hour * watch_end.count() / budget_hour.count();
    EXPECT_LE(static_cast<double>(cloud.calls()), 1.5 * share);
}

// Takes connections, and says nothing.
class silent_place
{
public:
    silent_place() : at_(loop_, {boost::asio::ip::make_address("127.0.0.1"), 0}) {}

    std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(at_.local_endpoint().port()) + "/2.0/";
    }

private:
    boost::asio::io_context loop_;
    boost::asio::ip::tcp::acceptor at_;
};

TEST_F(watched_sources, one_that_hangs_holds_up_no_other)
{
    silent_place hangs;
    profile.add_link("bitbucket-webhook", "hook-b", {{"webhook_secret", webhook_key}});
    profile.add_link(
        "bitbucket-access-token",
        "api-b",
        {{"token", "b-token"}, {"workspace", "beta"}, {"api_url", hangs.url()}}
    );
    add_source(settings, "hook-b", edition::cloud, "bitbucket.org");
    settings.sources.back().api = "api-b";
    settings.sources.back().repositories = {"beta/web"};
    std::ranges::reverse(settings.sources);
    bitbucket_cloud other([this] { return now(); }, "beta");
    other.add_repository("shifts-the-ids");
    other.add_repository("web");
    start();
    other.add_hook(app->public_url() + "/webhook/hook-b", webhook_key);
    int const count = 2 * static_cast<int>(looks_at_once_max);
    for (int i = 0; i < count; ++i)
        other.add_comment("web", other.open_pull_request("web", "Mend gate"), "words");
    other.deliver_pending();
    ASSERT_TRUE(becomes("watch", count));
    advance(seconds(30));
    auto const hung = "\nlinkspan_api_tasks " + std::to_string(looks_at_once_max + 1) + "\n";
    ASSERT_TRUE(
        eventually([&] { return get(app->admin_url() + "/metrics").body.find(hung) != std::string::npos; })
    ) << "its looks, and its catching up";

    auto const pull_request = cloud.open_pull_request("api", "Paint the gate");
    auto const comment = cloud.add_comment("api", pull_request, "first words");
    cloud.deliver_pending();
    ASSERT_TRUE(becomes("watch", count + 1));
    advance(seconds(1));
    cloud.edit_comment(comment, "second words");
    cloud.drop_pending();
    advance(seconds(30));
    EXPECT_TRUE(becomes("event WHERE kind = 'comment.edited'", 1));
}

TEST_F(watched_sources, the_longest_overdue_is_looked_at_first)
{
    begin(2 * static_cast<int>(looks_at_once_max));
    cloud.script(cloud_call::comments, std::vector<cloud_fault>(500, cloud_fault::status(503)));
    pass_until(now() + seconds(300));
    std::set<std::string> asked;
    for (auto const& target : cloud.targets())
        if (target.find("/comments") != std::string::npos)
            asked.insert(target.substr(0, target.find("/comments")));
    EXPECT_GE(asked.size(), looks_at_once_max + 4) << "not the same ones again and again";
}

}  // namespace
}  // namespace linkspan::test
