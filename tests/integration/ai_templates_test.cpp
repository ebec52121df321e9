#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::template_case;

TEST(ai_templates, chatgpt_says_whose_key_it_is)
{
    test::expect_identity(
        {.name = "chatgpt",
         .fields =
             {{"api_key", "sk-proj-canary-0001"},
              {"organization", "org-acme"},
              {"base_url", "{peer}/openai"}},
         .credential = "api_key",
         .calls =
             {{.target = "/openai/v1/models",
               .credential = {{"Authorization", "Bearer sk-proj-canary-0001"}},
               .headers = {{"OpenAI-Organization", "org-acme"}},
               .answer = R"({"object":"list","data":[{"id":"gpt-5","object":"model"}]})",
               .answer_headers = {{"openai-organization", "acme-inc"}}}},
         .account = "acme-inc",
         .kind = "API key",
         .facts = {{"organization", "acme-inc"}},
         // Its real answer has the key in it, masked in the middle.
         .refusal =
             {401,
              R"({"error":{"message":"Incorrect API key provided: sk-pr***0001.","type":"invalid_request_error",)"
              R"("code":"invalid_api_key"}})"}}
    );
}

TEST(ai_templates, claude_says_whose_key_it_is)
{
    test::expect_identity(
        {.name = "claude",
         .fields = {{"api_key", "sk-ant-api03-canary"}, {"base_url", "{peer}"}},
         .credential = "api_key",
         .calls =
             {{.target = "/v1/models",
               .credential = {{"x-api-key", "sk-ant-api03-canary"}},
               .headers = {{"anthropic-version", "2023-06-01"}},
               .answer = R"({"data":[{"type":"model","id":"claude-opus-4-1"}],"has_more":false})"}},
         .account = "an Anthropic workspace",
         .kind = "API key",
         .refusal =
             {401,
              R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})"}}
    );
}

template_case gemini_case()
{
    return {
        .name = "gemini",
        .fields = {{"api_key", "AIzaCanary0001"}, {"base_url", "{peer}"}},
        .credential = "api_key",
        .calls =
            {{.target = "/v1/models",
              .credential = {{"x-goog-api-key", "AIzaCanary0001"}},
              .answer = R"({"models":[{"name":"models/gemini-2.5-pro"}]})"}},
        .account = "a Google Cloud project",
        .kind = "API key",
        .refusal = {
            400,
            R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.",)"
            R"("status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}})"}};
}

// Google refuses a wrong key with 400, as it refuses much else.
TEST(ai_templates, gemini_says_that_a_key_works)
{
    test::expect_identity(gemini_case());
}

TEST(ai_templates, a_list_of_something_else_is_no_list_of_models)
{
    auto one = gemini_case();
    one.calls[0].answer = R"({"data":[]})";
    boost::asio::io_context loop{1};
    test::template_peer peer(loop, one.calls);
    auto const said = test::ask_identity(one, loop, peer.url());
    ASSERT_FALSE(said.has_value());
    EXPECT_EQ(said.error().code, errc::not_found);
    EXPECT_EQ(peer.answered(), 1u);
}

}  // namespace
}  // namespace linkspan
