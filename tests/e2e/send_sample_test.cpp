#include "core/bitbucket/signature.hpp"
#include "links/net/base64.hpp"
#include "links/net/hmac.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/webhook_recorder.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

namespace linkspan::test
{
namespace
{

constexpr char const* shared_secret = "canary-77aa";

class send_sample_command : public testing::Test
{
protected:
    std::string create(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), {"create-link", "--json"});
        auto const made = profile.run(arguments, shared_secret);
        EXPECT_EQ(made.code, 0) << made.err;
        return std::string(made.json().at("id").as_string());
    }

    std::string create_cloud()
    {
        return create({"--template", "bitbucket-webhook", "--name", "cloud", "--kv", "webhook_secret=-"});
    }

    static testing::AssertionResult is_signed(http_request const& request)
    {
        auto const claimed = bitbucket::parse_signature(find_header(request.headers, "X-Hub-Signature"));
        if (!claimed)
            return testing::AssertionFailure() << claimed.error().message;
        if (claimed->bytes != hmac_sha256(secret(shared_secret), request.body))
            return testing::AssertionFailure() << "signed with another secret";
        return testing::AssertionSuccess();
    }

    program_profile profile;
};

TEST_F(send_sample_command, sends_what_bitbucket_cloud_would_send)
{
    auto const id = create_cloud();
    webhook_recorder peer;
    auto const sent = profile.run({"send-sample", "cloud", "--url", peer.url() + "/", "--pull-request", "7"});
    EXPECT_EQ(sent.code, 0) << sent.err;
    EXPECT_NE(sent.out.find("opened"), std::string::npos) << sent.out;
    EXPECT_NE(sent.out.find("202 accepted"), std::string::npos) << sent.out;
    auto const requests = peer.requests();
    ASSERT_EQ(requests.size(), 1u);
    auto const& request = requests[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/webhook/" + id);
    EXPECT_EQ(find_header(request.headers, "X-Event-Key"), "pullrequest:created");
    EXPECT_EQ(find_header(request.headers, "X-Attempt-Number"), "1");
    EXPECT_EQ(find_header(request.headers, "X-Request-UUID").size(), 36u);
    EXPECT_EQ(find_header(request.headers, "X-Hook-UUID").size(), 36u);
    EXPECT_EQ(find_header(request.headers, "User-Agent"), "linkspan send-sample");
    EXPECT_TRUE(find_header(request.headers, "Content-Type").starts_with("application/json"));
    EXPECT_EQ(find_header(request.headers, "Authorization"), "");
    EXPECT_TRUE(is_signed(request));
    auto const body = boost::json::parse(request.body);
    EXPECT_EQ(body.at("pullrequest").at("id").as_int64(), 7);
    EXPECT_EQ(request.body.find("{{"), std::string::npos);
}

TEST_F(send_sample_command, plays_a_story_with_fresh_ids)
{
    create_cloud();
    webhook_recorder peer;
    auto const sent = profile.run({"send-sample", "cloud", "--story", "--url", peer.url(), "--json"});
    EXPECT_EQ(sent.code, 0) << sent.err;
    profile.run({"send-sample", "cloud", "--story", "--url", peer.url()});
    auto const requests = peer.requests();
    auto const steps = sent.json().at("sent").as_array().size();
    EXPECT_GE(steps, 14u);
    ASSERT_EQ(requests.size(), 2 * steps);
    std::set<std::string> ids;
    std::set<std::int64_t> pull_requests;
    for (auto const& request : requests)
    {
        EXPECT_TRUE(is_signed(request));
        ids.emplace(find_header(request.headers, "X-Request-UUID"));
        auto const body = boost::json::parse(request.body).as_object();
        if (auto const* about = body.if_contains("pullrequest"))
            pull_requests.insert(about->at("id").as_int64());
    }
    EXPECT_EQ(ids.size(), requests.size());
    EXPECT_EQ(pull_requests.size(), 2u) << "each run has a pull request of its own";
    EXPECT_EQ(find_header(requests[0].headers, "X-Event-Key"), "repo:push");
    EXPECT_EQ(find_header(requests[steps - 1].headers, "X-Event-Key"), "pullrequest:fulfilled");
}

TEST_F(send_sample_command, data_center_signs_and_authenticates)
{
    create(
        {"--template",
         "bitbucket-dc-webhook",
         "--name",
         "dc",
         "--kv",
         "webhook_secret=-",
         "--kv",
         "basic_user=bot",
         "--kv",
         "basic_password=canary-pw"}
    );
    webhook_recorder peer;
    EXPECT_EQ(profile.run({"send-sample", "dc", "--event", "diagnostics:ping", "--url", peer.url()}).code, 0);
    auto const requests = peer.requests();
    ASSERT_EQ(requests.size(), 1u);
    EXPECT_EQ(find_header(requests[0].headers, "X-Event-Key"), "diagnostics:ping");
    EXPECT_EQ(find_header(requests[0].headers, "X-Request-Id").size(), 36u);
    EXPECT_EQ(find_header(requests[0].headers, "X-Request-UUID"), "");
    EXPECT_EQ(find_header(requests[0].headers, "Authorization"), "Basic " + encode_base64("bot:canary-pw"));
    EXPECT_TRUE(is_signed(requests[0]));
}

TEST_F(send_sample_command, a_file_is_sent_as_it_is)
{
    create_cloud();
    webhook_recorder peer;
    std::string const raw("{ \"a\":\t1 }\n\0x", 13);
    auto const file = profile.write("body.json", raw).string();
    auto const sent =
        profile.run({"send-sample", "cloud", "--file", file, "--event-key", "repo:fork", "--url", peer.url()}
        );
    EXPECT_EQ(sent.code, 0) << sent.err;
    ASSERT_EQ(peer.requests().size(), 1u);
    EXPECT_EQ(peer.requests()[0].body, raw);
    EXPECT_EQ(find_header(peer.requests()[0].headers, "X-Event-Key"), "repo:fork");
    EXPECT_TRUE(is_signed(peer.requests()[0]));
    auto const other = profile.run({"send-sample", "cloud", "--url", "ftp://127.0.0.1"});
    EXPECT_EQ(other.code, 2);
    EXPECT_NE(other.err.find("--url must begin with http://"), std::string::npos) << other.err;
    EXPECT_EQ(profile.run({"send-sample", "cloud", "--file", file, "--url", peer.url()}).code, 2)
        << "no event key";
    EXPECT_EQ(profile.run({"send-sample", "cloud", "--file", "/dev/zero", "--event-key", "x"}).code, 2);
    EXPECT_EQ(profile.run({"send-sample", "cloud", "--file", "/nowhere", "--event-key", "x"}).code, 3);
    EXPECT_EQ(profile.run({"send-sample", "cloud", "--file", file, "--story"}).code, 2);
}

TEST_F(send_sample_command, a_url_names_the_linkspan_and_the_one_that_is_asked_is_told)
{
    auto const id = create_cloud();
    webhook_recorder peer;
    for (auto const* path : {"/webhook/", "/webhook/x", "/hooks"})
    {
        auto const refused = profile.run({"send-sample", "cloud", "--url", peer.url() + path});
        EXPECT_EQ(refused.code, 2) << refused.out;
        EXPECT_NE(refused.err.find("--url has the path /"), std::string::npos) << refused.err;
        EXPECT_NE(refused.err.find("give --url " + peer.url() + "\n"), std::string::npos) << refused.err;
    }
    EXPECT_EQ(profile.run({"send-sample", "cloud", "--url", "http://a b"}).code, 2);
    EXPECT_EQ(peer.requests().size(), 0u);
    auto const sent = profile.run({"send-sample", "cloud", "--url", peer.url()});
    EXPECT_TRUE(sent.out.starts_with("To " + peer.url() + "/webhook/" + id + "\n")) << sent.out;
    auto const nobody = profile.run({"send-sample", "cloud", "--url", "http://127.0.0.1:1"});
    EXPECT_NE(nobody.err.find("http://127.0.0.1:1/webhook/" + id + ": "), std::string::npos) << nobody.err;
}

TEST_F(send_sample_command, the_exit_code_follows_from_the_answer)
{
    create_cloud();
    struct
    {
        int status;
        int code;
    } const cases[] = {
        {200, 0}, {400, 2}, {401, 5}, {403, 5}, {404, 3}, {413, 2}, {429, 8}, {500, 6}, {503, 6}};
    for (auto const& one : cases)
    {
        webhook_recorder peer({one.status}, "because");
        auto const sent = profile.run({"send-sample", "cloud", "--story", "--url", peer.url()});
        EXPECT_EQ(sent.code, one.code) << one.status;
        if (one.code == 0)
            continue;
        EXPECT_NE(sent.err.find(std::to_string(one.status) + " because"), std::string::npos) << sent.err;
        EXPECT_EQ(peer.requests().size(), 1u) << "stops at the first that is refused";
        EXPECT_EQ(sent.err.find(shared_secret), std::string::npos);
        EXPECT_EQ(sent.out.find(shared_secret), std::string::npos);
    }
}

TEST_F(send_sample_command, finds_the_running_serve_by_its_state_file)
{
    create_cloud();
    webhook_recorder peer;
    std::filesystem::create_directories(profile.state());
    auto const say = [&](auto pid)
    {
        write_file(
            profile.state() / "serve.json",
            "{\"pid\":" + std::to_string(pid) + ",\"listen\":\"" + peer.address() +
                "\",\"admin_listen\":\"127.0.0.1:1\"}"
        );
    };
    say(::getpid());
    EXPECT_EQ(profile.run({"send-sample", "cloud"}).code, 0);
    EXPECT_EQ(peer.requests().size(), 1u);
    webhook_recorder configured;
    profile.write_config("[server]\nlisten = \"" + configured.address() + "\"\n");
    say(0x7fffffff);
    EXPECT_EQ(profile.run({"send-sample", "cloud"}).code, 0);
    EXPECT_EQ(configured.requests().size(), 1u) << "a file that a dead process left is not believed";
    write_file(profile.state() / "serve.json", "{\"pid\":");
    EXPECT_EQ(profile.run({"send-sample", "cloud"}).code, 0);
    EXPECT_EQ(configured.requests().size(), 2u);
}

TEST_F(send_sample_command, where_nobody_listens_it_says_what_to_start)
{
    create_cloud();
    std::string address;
    {
        webhook_recorder gone;
        address = gone.address();
    }
    profile.write_config("[server]\nlisten = \"" + address + "\"\n");
    auto const failed = profile.run({"send-sample", "cloud"});
    EXPECT_EQ(failed.code, 6) << failed.err;
    EXPECT_NE(failed.err.find("start linkspan serve"), std::string::npos) << failed.err;
}

TEST_F(send_sample_command, samples_are_listed_by_edition)
{
    create_cloud();
    create({"--template", "bitbucket-dc-webhook", "--name", "dc"});
    auto const cloud = profile.run({"send-sample", "cloud", "--list"});
    EXPECT_NE(cloud.out.find("pullrequest:fulfilled"), std::string::npos) << cloud.out;
    auto const dc = profile.run({"send-sample", "dc", "--list", "--json"}).json().at("samples").as_array();
    EXPECT_GE(dc.size(), 12u);
    webhook_recorder peer;
    for (auto const& one : dc)
    {
        auto const name = std::string(one.at("sample").as_string());
        EXPECT_EQ(profile.run({"send-sample", "dc", "--event", name, "--url", peer.url()}).code, 0) << name;
    }
    for (auto const& request : peer.requests())
        EXPECT_EQ(find_header(request.headers, "X-Hub-Signature"), "") << "the link has no secret";
}

TEST_F(send_sample_command, what_cannot_be_sent_is_refused)
{
    create_cloud();
    create({"--template", "console", "--name", "here"});
    EXPECT_EQ(profile.run({"send-sample", "here"}).code, 2);
    EXPECT_EQ(profile.run({"send-sample", "clod"}).code, 3);
    auto const near = profile.run({"send-sample", "cloud", "--event", "mergd"});
    EXPECT_EQ(near.code, 3);
    EXPECT_NE(near.err.find("did you mean \"merged\"?"), std::string::npos) << near.err;
    program_profile empty;
    EXPECT_EQ(empty.run({"send-sample", "cloud"}).code, 3);
}

}  // namespace
}  // namespace linkspan::test
