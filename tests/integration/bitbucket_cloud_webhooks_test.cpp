// The webhooks of the simulated Bitbucket Cloud: what it tells, what it leaves out, and how they get lost.
#include "core/bitbucket/signature.hpp"
#include "links/net/hmac.hpp"
#include "tests/support/cloud_fixture.hpp"
#include "tests/support/looks.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/webhook_recorder.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

namespace linkspan::test
{
namespace
{

class bitbucket_cloud_webhooks : public cloud_fixture
{
protected:
    // The keys of what is sent, in order; all of it must be readable.
    words told()
    {
        words out;
        for (auto const& one : cloud.deliver_pending())
        {
            out.push_back(one.event_key.substr(one.event_key.find(':') + 1));
            inbound delivery;
            delivery.event_key = one.event_key;
            delivery.body = one.body;
            auto const said = read_delivery(delivery);
            EXPECT_TRUE(said) << one.event_key << ": " << (said ? "" : said.error().message);
        }
        return out;
    }

    void listen_with(webhook_recorder const& recorder) { cloud.add_hook(recorder.url(), webhook_key); }

    // What a bridge that got those deliveries makes of them.
    words kinds_told(looked_bridge& bridge)
    {
        words out;
        for (auto const& one : cloud.deliver_pending())
            if (one.fate == hook_fate::accepted)
                for (auto& kind : kinds_of(bridge.webhook(one.event_key, one.body)))
                    out.push_back(std::move(kind));
        return out;
    }

    // A look at a pull request, of its answers as they come.
    std::string look_at(std::int64_t id)
    {
        auto const pull_request = ask(bitbucket::cloud::get_pull_request(api(), place(), id));
        auto comments = comments_of(id);
        auto tasks = ask(bitbucket::cloud::list_tasks(api(), place(), id));
        EXPECT_TRUE(pull_request.is_told() && comments.is_whole() && tasks.is_whole());
        auto const repository = get("repositories/acme/api");
        boost::json::object const body{
            {"repository", repository.body},
            {"pullrequest", pull_request.body},
            {"comments", comments.values},
            {"tasks", tasks.values},
            {"whole", boost::json::array{"comments", "tasks"}},
            {"asked_at", to_milliseconds(now())},
            {"since", to_milliseconds(now() - std::chrono::hours(24))}};
        return boost::json::serialize(body);
    }

    std::string clock_text() const { return to_rfc3339(now()).substr(11, 8); }
};

TEST_F(bitbucket_cloud_webhooks, tell_what_people_do)
{
    webhook_recorder recorder;
    listen_with(recorder);
    auto const id = cloud.open_pull_request("api", "Limit requests", "ada", {"grace"});
    EXPECT_EQ(told(), (words{"push", "created"}));
    auto const tip = cloud.push_to("api", id);
    EXPECT_EQ(told(), (words{"push", "updated"}));
    change_rules([](cloud_rules& rules) { rules.tells_pull_request_push = true; });
    cloud.push_to("api", id);
    EXPECT_EQ(told(), (words{"push", "updated", "push"}));
    cloud.set_build("api", tip, "unit", "INPROGRESS");
    cloud.set_build("api", tip, "unit", "SUCCESSFUL");
    EXPECT_EQ(told(), (words{"commit_status_created", "commit_status_updated"}));
    cloud.set_title("api", id, "Limit");
    cloud.set_description("api", id, "All of them.");
    cloud.set_draft("api", id, true);
    cloud.add_reviewer("api", id, "lin");
    cloud.remove_reviewer("api", id, "lin");
    EXPECT_EQ(told(), (words{"updated", "updated", "updated", "updated", "updated"}));
    cloud.approve("api", id, "grace");
    cloud.unapprove("api", id, "grace");
    cloud.request_changes("api", id, "grace");
    cloud.withdraw_changes_request("api", id, "grace");
    EXPECT_EQ(
        told(), (words{"approved", "unapproved", "changes_request_created", "changes_request_removed"})
    );
    auto const comment = cloud.add_comment("api", id, "Name the ten.");
    cloud.reply(comment, "I will.");
    cloud.resolve_thread(comment);
    cloud.reopen_thread(comment);
    cloud.delete_comment(comment);
    EXPECT_EQ(
        told(),
        (words{
            "comment_created", "comment_created", "comment_resolved", "comment_reopened", "comment_deleted"})
    );
    cloud.decline("api", cloud.open_pull_request("api", "Another"));
    cloud.merge("api", id);
    EXPECT_EQ(told(), (words{"push", "created", "rejected", "push", "fulfilled"}));
    cloud.rename_repository("api", "web");
    cloud.delete_repository("web");
    EXPECT_EQ(told(), (words{"updated", "deleted"}));
    EXPECT_EQ(recorder.requests().size(), cloud.deliveries().size());
}

TEST_F(bitbucket_cloud_webhooks, are_signed_and_say_what_they_are)
{
    webhook_recorder recorder;
    listen_with(recorder);
    cloud.add_hook(recorder.url());
    cloud.open_pull_request("api", "Limit requests");
    cloud.deliver_pending();
    auto const requests = recorder.requests();
    ASSERT_EQ(requests.size(), 4u);
    auto const& created = requests[2];
    auto const head = [&](std::string_view name) { return find_header(created.headers, name); };
    auto const claimed = bitbucket::parse_signature(head("X-Hub-Signature"));
    ASSERT_TRUE(claimed) << claimed.error().message;
    EXPECT_EQ(claimed->bytes, hmac_sha256(secret(webhook_key), created.body));
    EXPECT_EQ(head("X-Event-Key"), "pullrequest:created");
    EXPECT_EQ(head("X-Event-Time"), "Fri, 20 Nov 2026 09:00:00 GMT");
    EXPECT_EQ(head("X-Attempt-Number"), "1");
    EXPECT_EQ(head("X-Request-UUID").size(), 36u);
    EXPECT_EQ(find_header(requests[3].headers, "X-Hub-Signature"), "");
    EXPECT_NE(find_header(requests[3].headers, "X-Hook-UUID"), head("X-Hook-UUID"));
    EXPECT_NE(created.body.find(R"("hash":")"), std::string::npos);
}

TEST_F(bitbucket_cloud_webhooks, leave_out_edits_within_ten_minutes)
{
    webhook_recorder recorder;
    listen_with(recorder);
    auto const id = cloud.open_pull_request("api", "Limit requests");
    auto const comment = cloud.add_comment("api", id, "Name the ten.");
    told();
    pass(std::chrono::minutes(10) - milliseconds(1));
    cloud.edit_comment(comment, "Name them.");
    EXPECT_EQ(told(), words());
    pass(std::chrono::minutes(10) - milliseconds(1));
    cloud.edit_comment(comment, "Name them all.");  // ten minutes behind the creation, but not the edit
    EXPECT_EQ(told(), words());
    pass(std::chrono::minutes(10));
    cloud.edit_comment(comment, "Name the ten.");
    EXPECT_EQ(told(), (words{"comment_updated"}));
    change_rules([](cloud_rules& rules) { rules.edit_silence = milliseconds(0); });
    cloud.edit_comment(comment, "Name the ten, please.");
    EXPECT_EQ(told(), (words{"comment_updated"}));
}

TEST_F(bitbucket_cloud_webhooks, leave_out_tasks)
{
    webhook_recorder recorder;
    listen_with(recorder);
    auto const id = cloud.open_pull_request("api", "Limit requests");
    told();
    auto const work = [&]
    {
        auto const task = cloud.add_task("api", id, "Test it");
        cloud.edit_task(task, "Test all of it");
        cloud.resolve_task(task);
        cloud.reopen_task(task);
        cloud.delete_task(task);
    };
    work();
    EXPECT_EQ(told(), words());
    change_rules([](cloud_rules& rules) { rules.tells_tasks = true; });
    work();
    EXPECT_EQ(told().size(), 5u);
}

TEST_F(bitbucket_cloud_webhooks, and_looks_agree)
{
    webhook_recorder recorder;
    listen_with(recorder);
    looked_bridge bridge(edition::cloud);
    auto const id = cloud.open_pull_request("api", "Limit requests", "ada", {"grace"});
    auto const comment = cloud.add_comment("api", id, "Name the ten.");
    cloud.resolve_thread(comment);
    cloud.approve("api", id, "grace");
    EXPECT_EQ(
        kinds_told(bridge),
        (words{
            "branch.created",
            "pull_request.opened",
            "comment.added",
            "comment.resolved",
            "pull_request.approved"})
    );
    EXPECT_EQ(kinds_of(bridge.look(look_at(id), clock_text())), words());
    pass(std::chrono::minutes(2));
    cloud.edit_comment(comment, "Name the ten, please.");
    auto const task = cloud.add_task("api", id, "Name it", "grace", comment);
    EXPECT_EQ(kinds_told(bridge), words());
    EXPECT_EQ(kinds_of(bridge.look(look_at(id), clock_text())), (words{"comment.edited", "task.added"}));
    pass(std::chrono::minutes(2));
    cloud.resolve_task(task);
    cloud.reopen_thread(comment);
    cloud.unapprove("api", id, "grace");
    cloud.set_title("api", id, "Limit");
    cloud.push_to("api", id);
    cloud.drop_pending();
    auto found = kinds_of(bridge.look(look_at(id), clock_text()));
    std::ranges::sort(found);
    EXPECT_EQ(
        found,
        (words{
            "comment.reopened",
            "pull_request.approval_withdrawn",
            "pull_request.commits_pushed",
            "pull_request.title_changed",
            "task.resolved"})
    );
    EXPECT_EQ(kinds_of(bridge.look(look_at(id), clock_text())), words());
}

TEST_F(bitbucket_cloud_webhooks, are_sent_again_twice_at_once_and_then_lost)
{
    webhook_recorder recorder({503, 500, 202, 500, 500, 500, 404});
    listen_with(recorder);
    cloud.open_pull_request("api", "Limit requests");
    auto const both = cloud.deliver_pending();
    EXPECT_EQ(both.at(0).fate, hook_fate::accepted);
    EXPECT_EQ(both.at(0).attempts, 3);
    EXPECT_EQ(both.at(1).fate, hook_fate::failed);
    EXPECT_EQ(both.at(1).attempts, 3);
    EXPECT_EQ(cloud.pending(), 0u);
    auto const requests = recorder.requests();
    ASSERT_EQ(requests.size(), 6u);
    EXPECT_EQ(find_header(requests[5].headers, "X-Attempt-Number"), "3");
    EXPECT_EQ(
        find_header(requests[3].headers, "X-Request-UUID"), find_header(requests[5].headers, "X-Request-UUID")
    );
    cloud.set_title("api", 1, "Limit");
    auto const refused = cloud.deliver_pending();
    EXPECT_EQ(refused.at(0).fate, hook_fate::refused);
    EXPECT_EQ(refused.at(0).attempts, 1);
}

TEST_F(bitbucket_cloud_webhooks, that_nobody_answers_in_time_fail)
{
    using boost::asio::ip::tcp;
    tcp::acceptor silent(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    cloud.add_hook("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()));
    EXPECT_EQ(cloud.rules().hooks.patience, seconds(10));
    change_rules([](cloud_rules& rules) { rules.hooks.patience = milliseconds(20); });
    cloud.open_pull_request("api", "Limit requests");
    auto const ended = cloud.deliver_pending();
    EXPECT_EQ(ended.at(0).fate, hook_fate::failed);
    EXPECT_EQ(ended.at(0).attempts, 3);
    EXPECT_EQ(ended.at(0).status, 0);
}

TEST_F(bitbucket_cloud_webhooks, above_256_kilobytes_are_not_sent)
{
    webhook_recorder recorder;
    listen_with(recorder);
    auto const id = cloud.open_pull_request("api", "Limit requests");
    told();
    cloud.set_description("api", id, std::string(200'000, 'x'));  // it is in a body thrice
    auto const ended = cloud.deliver_pending();
    EXPECT_EQ(ended.at(0).fate, hook_fate::oversized);
    EXPECT_EQ(ended.at(0).attempts, 0);
    EXPECT_EQ(recorder.requests().size(), 2u);
    change_rules([](cloud_rules& rules) { rules.hooks.body_bytes_max = 1U << 20U; });
    cloud.set_draft("api", id, true);
    EXPECT_EQ(cloud.deliver_pending().at(0).fate, hook_fate::accepted);
}

std::vector<std::int64_t> numbers_of(std::vector<cloud_delivery> const& deliveries, hook_fate fate)
{
    std::vector<std::int64_t> out;
    for (auto const& one : deliveries)
        if (one.fate == fate)
            out.push_back(one.number);
    return out;
}

TEST_F(bitbucket_cloud_webhooks, get_lost_doubled_and_shuffled_by_a_seed)
{
    webhook_recorder recorder;
    listen_with(recorder);
    auto const id = cloud.open_pull_request("api", "Limit requests");
    auto const burst = [&](hook_disorder const& by)
    {
        change_rules([&](cloud_rules& rules) { rules.disorder = by; });
        for (int i = 0; i < 200; ++i)
            cloud.set_title("api", id, "Title " + std::to_string(i));
        return cloud.deliver_pending();
    };
    using enum hook_fate;
    hook_disorder by;
    EXPECT_TRUE(std::ranges::is_sorted(numbers_of(burst(by), accepted)));
    by.lost_percent = 30;
    auto const lossy = numbers_of(burst(by), lost);
    EXPECT_GT(lossy.size(), 40u);
    EXPECT_LT(lossy.size(), 80u);
    std::vector<cloud_delivery> same(200);
    for (std::size_t i = 0; i < same.size(); ++i)
        same[i].number = static_cast<std::int64_t>(i) + 203;
    EXPECT_EQ(numbers_of(disordered(same, by, simulated_cloud::twin_of), lost), lossy);
    by.seed = 2;
    EXPECT_NE(numbers_of(disordered(same, by, simulated_cloud::twin_of), lost), lossy);

    by = hook_disorder();
    by.doubled_percent = 20;
    auto const seen = recorder.requests().size();
    auto const doubled = burst(by);
    EXPECT_GT(doubled.size(), 220u);
    EXPECT_LT(doubled.size(), 260u);
    std::set<std::string> ids;
    std::size_t resent = 0;
    auto const requests = recorder.requests();
    for (auto at = seen; at < requests.size(); ++at)
    {
        ids.insert(std::string(find_header(requests[at].headers, "X-Request-UUID")));
        resent += find_header(requests[at].headers, "X-Attempt-Number") == "2" ? 1U : 0U;
    }
    EXPECT_EQ(ids.size() + resent, doubled.size());
    EXPECT_GT(resent, 5u);
    EXPECT_GT(ids.size(), 205u);

    by = hook_disorder();
    by.is_shuffled = true;
    auto const shuffled = numbers_of(burst(by), accepted);
    EXPECT_EQ(shuffled.size(), 200u);
    EXPECT_FALSE(std::ranges::is_sorted(shuffled));
}

TEST_F(bitbucket_cloud_webhooks, are_taken_by_the_real_app_on_a_virtual_clock)
{
    test_profile profile;
    profile.add_link("bitbucket-webhook", "cloud", {{"webhook_secret", webhook_key}});
    auto settings = quick_config();
    add_source(settings, "cloud", edition::cloud, "bitbucket.org");
    running_app app(profile, settings, now());
    cloud.add_hook(app.public_url() + "/webhook/cloud", webhook_key);
    auto const id = cloud.open_pull_request("api", "Limit requests", "ada", {"grace"});
    cloud.add_comment("api", id, "Name the ten.");
    cloud.merge("api", id);
    for (auto const& one : cloud.deliver_pending())
        EXPECT_EQ(one.fate, hook_fate::accepted) << one.event_key << " " << one.status;
    EXPECT_TRUE(eventually([&] { return profile.count("inbox WHERE state = 1") == 5; }));
    EXPECT_EQ(profile.count("event"), 5);
}

}  // namespace
}  // namespace linkspan::test
