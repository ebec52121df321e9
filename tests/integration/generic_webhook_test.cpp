#include "links/generic_webhook/generic_webhook.hpp"

#include "links/generic_webhook/standard_webhook.hpp"
#include "tests/support/events.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/template_peer.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using enum outcome_kind;

constexpr std::string_view webhook_key_text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// The example of the specification and of its libraries' tests.
TEST(standard_webhook, signs_as_the_specification_does)
{
    auto const key = generic_webhook::read_key(webhook_key_text);
    ASSERT_TRUE(key.has_value());
    auto const headers = generic_webhook::sign(
        *key, "msg_p5jXN8AQM9LWM0D4loKWxJek", R"({"test": 2432232314})", from_milliseconds(1'614'265'330'999)
    );
    EXPECT_EQ(find_header(headers, "webhook-id"), "msg_p5jXN8AQM9LWM0D4loKWxJek");
    EXPECT_EQ(find_header(headers, "webhook-timestamp"), "1614265330");
    EXPECT_EQ(find_header(headers, "webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

// The same signature as every message has, over what the test says of itself.
bool is_signed_webhook(http_request const& seen)
{
    auto const key = generic_webhook::read_key(webhook_key_text);
    auto const id = std::string(find_header(seen.headers, "webhook-id"));
    for (auto const& header : generic_webhook::sign(*key, id, seen.body, test::template_test_now))
        if (find_header(seen.headers, header.name) != header.value)
            return false;
    return seen.body.find("\"linkspan.test\"") != std::string::npos;
}

TEST(generic_webhook_template, is_tried_by_a_signed_post)
{
    test::expect_identity(
        {.name = "generic-webhook",
         .fields = {{"url", "{peer}/in?t=canary-url-token"}, {"secret", std::string(webhook_key_text)}},
         .credential = "secret",
         .wrong_value = "whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
         .calls =
             {{.method = "POST",
               .target = "/in?t=canary-url-token",
               .headers = {{"Content-Type", "application/json"}},
               .is_proven = is_signed_webhook,
               .status = 204,
               .answer = ""}},
         .account = "a receiver of signed webhooks",
         .kind = "signing key",
         .takes_any_answer = true}
    );
}

class generic_webhook_test : public testing::Test
{
protected:
    message_request message(std::string url)
    {
        message_request request;
        request.event = test::sample_event(event_kind::pull_request_opened);
        request.event.id.value = "01a1f7b1-bb7c-7158-8f4e-b46a78b9b321";
        request.fields["url"] = secret(std::move(url));
        request.fields["secret"] = secret(std::string(webhook_key_text));
        return request;
    }

    outcome send(message_request request)
    {
        return test::run(loop, generic_webhook::webhook.send(services, std::move(request)));
    }

    outcome send_for(int status, std::vector<http_header> headers = {})
    {
        test::template_peer peer(
            loop,
            {{.method = "POST",
              .target = "/in?t=1",
              .status = status,
              .answer = "",
              .answer_headers = headers}}
        );
        return send(message(peer.url("/in?t=1")));
    }

    boost::asio::io_context loop{1};
    http_client client{loop};
    sink_services services{client, {}, false};
};

TEST_F(generic_webhook_test, posts_a_signed_event)
{
    services.now = [] { return test::template_test_now; };
    auto const is_signed_webhook = [](http_request const& seen)
    {
        auto const expected = generic_webhook::sign(
            *generic_webhook::read_key(webhook_key_text),
            "01a1f7b1-bb7c-7158-8f4e-b46a78b9b321",
            seen.body,
            test::template_test_now
        );
        for (auto const& header : expected)
            if (find_header(seen.headers, header.name) != header.value)
                return false;
        return true;
    };
    test::template_peer peer(
        loop,
        {{.method = "POST",
          .target = "/in?token=canary",
          .headers = {{"Content-Type", "application/json"}},
          .is_proven = is_signed_webhook,
          .status = 204,
          .answer = ""}}
    );
    auto const said = send(message(peer.url("/in?token=canary")));
    EXPECT_EQ(said.kind, accepted) << said.detail;
    ASSERT_EQ(peer.answered(), 1u);
    auto const body = boost::json::parse(peer.received()[0].request.body).as_object();
    EXPECT_EQ(body.at("type"), "pull_request.opened");
    EXPECT_EQ(body.at("timestamp"), body.at("data").at("occurred_at"));
    EXPECT_EQ(body.at("data").at("id"), "01a1f7b1-bb7c-7158-8f4e-b46a78b9b321");
    auto other = message(peer.url("/in?token=canary"));
    other.fields["secret"] = secret("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    EXPECT_NE(send(std::move(other)).kind, accepted);
    EXPECT_EQ(peer.answered(), 1u);
}

TEST_F(generic_webhook_test, every_answer_has_its_meaning)
{
    std::map<int, outcome_kind> const expected = {
        {200, accepted},
        {202, accepted},
        {301, rejected_destination},
        {400, rejected_message},
        {401, rejected_destination},
        {404, rejected_destination},
        {408, retry_after},
        {410, rejected_destination},
        {413, rejected_message},
        {429, retry_after},
        {500, unknown},
        {503, retry_after},
    };
    for (auto const& [status, kind] : expected)
    {
        auto const said = send_for(status);
        EXPECT_EQ(said.kind, kind) << status << said.detail;
        EXPECT_EQ(said.advice.empty(), kind == accepted || kind == retry_after || kind == unknown) << status;
    }
    EXPECT_EQ(send_for(429, {{"Retry-After", "7"}}).wait, seconds(7));
}

TEST_F(generic_webhook_test, nobody_listens_or_nobody_answers)
{
    auto const port = std::to_string(test::closed_port(loop));
    auto const said = send(message("http://127.0.0.1:" + port + "/canary"));
    EXPECT_EQ(said.kind, retry_after);
    EXPECT_EQ(said.detail.find("canary"), std::string::npos) << said.detail;
    test::scripted_peer silent(loop, [](test::peer_request const&) { return test::close_without_answer(); });
    EXPECT_EQ(send(message(silent.url())).kind, unknown);
}

TEST_F(generic_webhook_test, a_link_that_cannot_work_sends_nothing)
{
    test::template_peer peer(loop, {});
    auto request = message(peer.url());
    request.fields.erase("secret");
    EXPECT_EQ(send(std::move(request)).kind, rejected_destination);
    EXPECT_TRUE(peer.received().empty());
}

}  // namespace
}  // namespace linkspan
