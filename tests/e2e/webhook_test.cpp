#include "links/net/base64.hpp"
#include "links/registry.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"

#include <gtest/gtest.h>

#include <future>

// What POST /webhook/<link> takes and refuses (docs/reference/http.md).

namespace linkspan::test
{
namespace
{

struct webhook : testing::Test
{
    test_profile profile;
    link_id cloud = profile.add_link("bitbucket-webhook", "cloud", {{"webhook_secret", webhook_key}});
    link_id data_center = profile.add_link("bitbucket-dc-webhook", "dc", {{"webhook_secret", webhook_key}});
    link_id bare = profile.add_link("bitbucket-webhook", "bare", {});
    link_id open_door = profile.add_link("bitbucket-webhook", "open", {}, true);
    link_id basic = profile.add_link(
        "bitbucket-dc-webhook", "basic", {{"basic_user", "hook"}, {"basic_password", "pass word"}}
    );
    link_id both = profile.add_link(
        "bitbucket-dc-webhook",
        "both",
        {{"webhook_secret", webhook_key}, {"basic_user", "hook"}, {"basic_password", "pass word"}}
    );
    link_id console = profile.add_link("console", "screen", {});
    running_app app{profile, settings()};
    std::string body = step_of(edition::cloud, "opened", 5, story_day()).body;

    static config settings()
    {
        auto out = quick_config();
        out.server.cloud_body_bytes_max = 64 * 1024;

        return out;
    }

    http_request signed_to(std::string const& link, std::string text, edition kind = edition::cloud)
    {
        return delivery_to(app.public_url(), link, kind, "pullrequest:created", std::move(text), webhook_key);
    }
    std::int64_t kept() { return profile.count("inbox"); }
};

TEST_F(webhook, is_kept_before_it_is_answered)
{
    EXPECT_EQ(exchange_with(signed_to("cloud", body)).status, 202);
    EXPECT_EQ(kept(), 1);
    EXPECT_EQ(profile.query("SELECT CAST(body AS TEXT) FROM inbox_body"), body);
}

TEST_F(webhook, takes_a_link_by_id_and_by_name)
{
    EXPECT_EQ(exchange_with(signed_to(cloud.value, body)).status, 202);
    EXPECT_EQ(exchange_with(signed_to("cloud", body)).status, 202);
    EXPECT_EQ(profile.query("SELECT count(DISTINCT link) FROM inbox"), "1");
}

// An exact comparison with "application/json" would refuse every delivery of Data Center.
TEST_F(webhook, of_any_content_type_is_taken)
{
    for (auto const* type :
         {"application/json; charset=utf-8", "application/json", "APPLICATION/JSON;charset=UTF-8", ""})
    {
        auto request = signed_to("cloud", body);
        std::erase_if(request.headers, [](auto const& one) { return one.name == "Content-Type"; });
        if (*type != '\0')
            request.headers.push_back({"Content-Type", type});
        EXPECT_EQ(exchange_with(std::move(request)).status, 202) << type;
    }
    EXPECT_EQ(kept(), 4);
}

TEST_F(webhook, takes_a_delivery_id_once_for_each_link)
{
    auto const request = signed_to("cloud", body);
    EXPECT_EQ(exchange_with(request).status, 202);
    EXPECT_EQ(exchange_with(request).status, 202);
    EXPECT_EQ(kept(), 1);
    auto elsewhere = request;
    elsewhere.target = app.public_url() + "/webhook/open";
    EXPECT_EQ(exchange_with(elsewhere).status, 202);
    EXPECT_EQ(kept(), 2);
}

TEST_F(webhook, is_never_lost_for_a_delivery_id_that_begins_like_another)
{
    auto request = signed_to("cloud", body);
    for (auto const* end : {"1", "2"})
    {
        for (auto& header : request.headers)
            if (header.name == "X-Request-UUID")
                header.value = std::string(300, 'a') + end;
        EXPECT_EQ(exchange_with(request).status, 202);
    }
    EXPECT_EQ(kept(), 2);
}

TEST_F(webhook, without_or_with_a_wrong_proof_is_refused_and_not_kept)
{
    auto unsigned_one =
        delivery_to(app.public_url(), "cloud", edition::cloud, "pullrequest:created", body, "");
    EXPECT_EQ(exchange_with(unsigned_one).status, 401);
    EXPECT_EQ(
        exchange_with(
            delivery_to(app.public_url(), "cloud", edition::cloud, "pullrequest:created", body, "other")
        )
            .status,
        401
    );
    auto altered = signed_to("cloud", body);
    altered.body[10] ^= 1;
    EXPECT_EQ(exchange_with(altered).status, 401);
    auto other_algorithm = unsigned_one;
    other_algorithm.headers.push_back({"X-Hub-Signature", "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709"});
    EXPECT_EQ(exchange_with(other_algorithm).status, 401);
    EXPECT_EQ(kept(), 0);
}

// Of every template that receives: its own signature is taken, and nothing else is.
TEST_F(webhook, of_a_stranger_is_refused_by_every_template_that_receives)
{
    std::size_t count = 0;
    for (auto const* kind : link_templates())
    {
        if (!kind->receives)
            continue;
        auto const name = "own-" + std::string(kind->name);
        auto const id = profile.add_link(std::string(kind->name), name, {{"webhook_secret", webhook_key}});
        bool const is_cloud = *kind->receives == edition::cloud;
        auto const signed_with = [&](std::string const& used)
        {
            return delivery_to(
                app.public_url(),
                name,
                *kind->receives,
                is_cloud ? "pullrequest:created" : "pr:opened",
                body,
                used
            );
        };
        ASSERT_TRUE(eventually([&] { return exchange_with(signed_with(webhook_key)).status == 202; }))
            << name;
        ++count;
        EXPECT_EQ(exchange_with(signed_with("another secret")).status, 401) << name;
        EXPECT_EQ(exchange_with(signed_with("")).status, 401) << name << " without a signature";
        for (auto const* header : {"X-Hub-Signature-256", "X-Signature", "Authorization"})
        {
            auto other = signed_with(webhook_key);
            for (auto& one : other.headers)
                if (one.name == "X-Hub-Signature")
                    one.name = header;
            EXPECT_EQ(exchange_with(other).status, 401) << name << " by " << header;
        }
        for (auto const& path :
             {"/webhook/" + name + "/more",
              "/webhook/" + name + "x",
              "/webhooks/" + name,
              "/hook/" + name,
              "/" + name,
              "/webhook/" + id.value.substr(1)})
        {
            auto other = signed_with(webhook_key);
            other.target = app.public_url() + path;
            EXPECT_EQ(exchange_with(other).status, 404) << path;
        }
    }
    EXPECT_GE(count, 3u);
    EXPECT_EQ(kept(), static_cast<std::int64_t>(count));
}

// GitHub's webhooks go to other programs, which ask Linkspan for the secret.
TEST_F(webhook, of_github_is_taken_by_nobody_here)
{
    profile.add_link("github-webhook", "github", {{"webhook_secret", webhook_key}});
    profile.add_link("bitbucket-webhook", "later", {{"webhook_secret", webhook_key}});
    // Behind it the one before it is known too.
    ASSERT_TRUE(eventually([&] { return exchange_with(signed_to("later", body)).status == 202; }));
    auto delivery = signed_to("github", body);
    EXPECT_EQ(exchange_with(delivery).status, 404);
    for (auto& header : delivery.headers)
        if (header.name == "X-Hub-Signature")
            header.name = "X-Hub-Signature-256";
    EXPECT_EQ(exchange_with(delivery).status, 404);
    EXPECT_EQ(kept(), 1);
}

TEST_F(webhook, to_a_link_without_a_secret_is_refused_unless_the_link_says_otherwise)
{
    auto const to = [&](char const* link)
    { return delivery_to(app.public_url(), link, edition::cloud, "pullrequest:created", body, ""); };
    EXPECT_EQ(exchange_with(to("bare")).status, 401);
    EXPECT_EQ(exchange_with(signed_to("bare", body)).status, 401)
        << "nobody can prove anything without a secret";
    EXPECT_EQ(exchange_with(to("open")).status, 202);
    EXPECT_EQ(kept(), 1);
}

TEST_F(webhook, of_data_center_may_be_proved_by_user_and_password)
{
    auto const with = [&](char const* link, std::string const& user_and_password, bool is_signed)
    {
        auto request = delivery_to(
            app.public_url(), link, edition::data_center, "pr:opened", body, is_signed ? webhook_key : ""
        );
        if (!user_and_password.empty())
            request.headers.push_back({"Authorization", "Basic " + encode_base64(user_and_password)});
        return exchange_with(request).status;
    };
    EXPECT_EQ(with("basic", "hook:pass word", false), 202);
    EXPECT_EQ(with("basic", "hook:pass", false), 401);
    EXPECT_EQ(with("basic", "", true), 401);
    EXPECT_EQ(with("both", "hook:pass word", true), 202);
    EXPECT_EQ(with("both", "hook:pass word", false), 401);
    EXPECT_EQ(with("both", "", true), 401);
    EXPECT_EQ(kept(), 2);
    EXPECT_EQ(profile.count("inbox_body WHERE headers LIKE '%Basic%' OR headers LIKE '%uthorization%'"), 0);
}

TEST_F(webhook, ping_of_data_center_needs_no_signature_and_is_not_kept)
{
    auto const ping = [&](char const* link, std::string text, std::string const& secret_used)
    {
        return exchange_with(
                   delivery_to(
                       app.public_url(), link, edition::data_center, "diagnostics:ping", text, secret_used
                   )
        )
            .status;
    };
    EXPECT_EQ(ping("dc", R"({"test":true})", ""), 200);
    EXPECT_EQ(ping("dc", R"({"test":true})", webhook_key), 200);
    EXPECT_EQ(ping("dc", R"({"test":true})", "wrong"), 401);
    EXPECT_EQ(ping("dc", std::string(65, ' '), ""), 401) << "only a small body is a ping";
    EXPECT_EQ(ping("cloud", R"({"test":true})", ""), 401) << "Cloud has no such ping";
    EXPECT_EQ(kept(), 0);
    EXPECT_NE(
        get(app.admin_url() + "/metrics").body.find(R"(linkspan_webhooks_received_total{result="ping"} 2)"),
        std::string::npos
    );
}

TEST_F(webhook, is_refused_by_link_size_and_method)
{
    EXPECT_EQ(exchange_with(signed_to("nobody", body)).status, 404);
    EXPECT_EQ(exchange_with(signed_to("screen", body)).status, 404) << "a console takes no webhooks";
    EXPECT_EQ(exchange_with(signed_to("cloud", std::string(64 * 1024 + 1, ' '))).status, 413);
    EXPECT_EQ(
        exchange_with(signed_to("dc", std::string(64 * 1024 + 1, ' '), edition::data_center)).status, 202
    ) << "Data Center has a limit of its own";
    auto const got = get(app.public_url() + "/webhook/cloud");
    EXPECT_EQ(got.status, 405);
    EXPECT_EQ(find_header(got.headers, "Allow"), "POST");
    EXPECT_EQ(get(app.public_url() + "/webhook").status, 404);
    EXPECT_EQ(get(app.public_url() + "/webhook/%zz").status, 400);
    EXPECT_EQ(get(app.public_url() + "/metrics").status, 404) << "metrics are for the admin listener";
    EXPECT_EQ(kept(), 1);
}

TEST_F(webhook, keeps_an_allow_list_of_headers)
{
    auto request = signed_to("cloud", body);
    request.headers.push_back({"X-Hook-UUID", "the hook"});
    request.headers.push_back({"X-Attempt-Number", "2"});
    request.headers.push_back({"Authorization", "Bearer abc"});
    request.headers.push_back({"Cookie", "abc"});
    EXPECT_EQ(exchange_with(request).status, 202);
    auto const headers = profile.query("SELECT headers FROM inbox_body");
    EXPECT_NE(headers.find(R"("X-Hook-UUID":"the hook")"), std::string::npos) << headers;
    EXPECT_NE(headers.find(R"("X-Attempt-Number":"2")"), std::string::npos) << headers;
    EXPECT_EQ(headers.find("abc"), std::string::npos) << headers;
}

TEST_F(webhook, knows_a_new_secret_without_a_restart)
{
    profile.set_field(cloud, "webhook_secret", "the next secret");
    EXPECT_TRUE(eventually(
        [&]
        {
            return exchange_with(
                       delivery_to(
                           app.public_url(), "cloud", edition::cloud, "repo:push", body, "the next secret"
                       )
                   )
                       .status == 202;
        }
    ));
    EXPECT_EQ(exchange_with(signed_to("cloud", body)).status, 401);
}

TEST_F(webhook, of_an_unknown_key_or_an_unreadable_body_is_kept_and_listed)
{
    auto const send = [&](char const* event_key, std::string text)
    {
        return exchange_with(
                   delivery_to(
                       app.public_url(), "cloud", edition::cloud, event_key, std::move(text), webhook_key
                   )
        )
            .status;
    };
    EXPECT_EQ(send("pullrequest:of_a_later_year", body), 202);
    EXPECT_EQ(
        send("pullrequest:created", R"({"repository": {"uuid": "{1}"}, "pullrequest": {"id": "seven"}})"), 202
    );
    EXPECT_EQ(send("pullrequest:created", "not JSON"), 202);
    EXPECT_EQ(send("pullrequest:created", body), 202);
    ASSERT_TRUE(eventually([&] { return profile.count("inbox WHERE state = 0") == 0; }));
    EXPECT_EQ(profile.count("inbox WHERE state = 2 AND reason LIKE '%of_a_later_year%'"), 1);
    EXPECT_EQ(profile.count("inbox WHERE state = 3"), 2);
    EXPECT_EQ(profile.count("inbox WHERE state = 3 AND reason LIKE '%/pullrequest/id%'"), 1);
    EXPECT_EQ(profile.count("event"), 1);
}

TEST_F(webhook, that_makes_digest_fail_three_times_is_set_aside_and_the_rest_go_on)
{
    profile.execute(
        "CREATE TRIGGER poison BEFORE INSERT ON event WHEN new.pull_request = 13 "
        "BEGIN SELECT raise(ABORT, 'poisoned'); END"
    );
    for (int pull_request = 10; pull_request < 20; ++pull_request)
        EXPECT_EQ(
            exchange_with(
                signed_to("cloud", step_of(edition::cloud, "opened", pull_request, story_day()).body)
            )
                .status,
            202
        );
    ASSERT_TRUE(eventually([&] { return profile.count("inbox WHERE state = 0") == 0; }));
    EXPECT_EQ(profile.count("event"), 9);
    EXPECT_EQ(profile.count("inbox WHERE state = 3 AND attempts = 3 AND reason LIKE '%poisoned%'"), 1);
}

TEST_F(webhook, health_is_told_on_both_listeners_and_readiness_on_one)
{
    EXPECT_EQ(get(app.public_url() + "/healthz").status, 200);
    EXPECT_EQ(get(app.admin_url() + "/healthz").status, 200);
    EXPECT_EQ(get(app.admin_url() + "/readyz").status, 200);
    EXPECT_EQ(get(app.public_url() + "/readyz").status, 404);
    auto const counted = get(app.admin_url() + "/metrics");
    EXPECT_EQ(counted.status, 200);
    EXPECT_TRUE(find_header(counted.headers, "Content-Type").starts_with("text/plain; version=0.0.4"));
    for (char const* name :
         {"linkspan_inbox_deliveries",
          "linkspan_oldest_undelivered_seconds",
          "linkspan_store_commit_writes_bucket"})
        EXPECT_NE(counted.body.find(name), std::string::npos) << name;
}

TEST_F(webhook, meets_a_store_that_takes_nothing_with_503_and_gets_through_later)
{
    profile.hold_database(
        [&]
        {
            auto ready =
                std::async(std::launch::async, [&] { return get(app.admin_url() + "/readyz").status; });
            auto refused = exchange_with(signed_to("cloud", body));
            EXPECT_EQ(refused.status, 503);
            EXPECT_EQ(find_header(refused.headers, "Retry-After"), "1");
            EXPECT_EQ(ready.get(), 503);
        }
    );
    EXPECT_TRUE(eventually([&] { return exchange_with(signed_to("cloud", body)).status == 202; }));
}

}  // namespace
}  // namespace linkspan::test
