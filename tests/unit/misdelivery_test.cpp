#include "tests/support/bodies.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

error refusal(edition receiving, std::string key, std::string_view body)
{
    auto const said = test::read_body(receiving, std::move(key), body);
    if (!said)
        return said.error();
    ADD_FAILURE() << "it was read";
    return {};
}

void expect_words(error const& refused, std::vector<std::string> const& words)
{
    EXPECT_EQ(refused.code, errc::not_found) << refused.message;
    for (auto const& word : words)
        EXPECT_NE(refused.message.find(word), std::string::npos) << word << " in: " << refused.message;
}

TEST(misdelivery, of_cloud_at_a_link_for_data_center)
{
    std::vector<std::string> const advice = {
        "Bitbucket Cloud's", "link for Data Center", "template bitbucket-webhook,", "edition = \"cloud\""};
    for (auto const& one : test::sample_deliveries(edition::cloud))
        expect_words(refusal(edition::data_center, one.event_key, one.body), advice);
    for (auto const* key :
         {"issue:created",
          "repo:fork",
          "repo:commit_comment_created",
          "project:updated",
          "pipeline:span_created"})
        expect_words(refusal(edition::data_center, key, "{}"), advice);
}

TEST(misdelivery, of_data_center_at_a_link_for_cloud)
{
    std::vector<std::string> const advice = {
        "Bitbucket Data Center's",
        "link for Cloud",
        "template bitbucket-dc-webhook,",
        "edition = \"data_center\""};
    for (auto const& one : test::sample_deliveries(edition::data_center))
        expect_words(refusal(edition::cloud, one.event_key, one.body), advice);
    for (auto const* key : {"repo:forked", "repo:comment:added", "mirror:repo_synchronized", "proj:modified"})
        expect_words(refusal(edition::cloud, key, "{}"), advice);
}

// Its deliveries look like Cloud's, but the accounts and repositories have no uuid.
TEST(misdelivery, of_the_add_on_post_webhooks)
{
    std::vector<std::string> const advice = {
        "Post Webhooks", "not read", "Bitbucket's own", "Repository settings -> Webhooks"};
    std::string const repository =
        R"("repository":{"slug":"api","id":12,"fullName":"ACME/api","scmId":"git","project":{"key":"ACME"}})";
    std::string const actor = R"("actor":{"username":"ada","displayName":"Ada Example"})";
    expect_words(
        refusal(
            edition::data_center,
            "repo:push",
            "{" + actor + "," + repository +
                R"(,"push":{"changes":[{"created":true,"new":{"type":"branch"}}]}})"
        ),
        advice
    );
    expect_words(
        refusal(
            edition::data_center,
            "pullrequest:created",
            "{" + actor + "," + repository + R"(,"pullrequest":{"id":"7","title":"Limits"}})"
        ),
        advice
    );
    auto const without_key = refusal(
        edition::data_center, "", "{" + repository + R"(,"refChanges":[{"refId":"refs/heads/main"}]})"
    );
    expect_words(without_key, advice);
    EXPECT_TRUE(without_key.message.starts_with("a delivery without event key")) << without_key.message;
}

TEST(misdelivery, what_nothing_explains_is_just_not_known)
{
    for (auto const receiving : {edition::cloud, edition::data_center})
    {
        EXPECT_EQ(
            refusal(receiving, "repo:fly", "{}").message, "event key repo:fly is not known to this version"
        );
        EXPECT_EQ(
            refusal(receiving, "", "{}").message, "no event key: neither X-Event-Key nor eventKey in the body"
        );
        // Members of types that no Bitbucket sends are no reason to fail otherwise.
        EXPECT_EQ(refusal(receiving, "repo:fly", R"({"repository":"api","actor":[]})").code, errc::not_found);
    }
}

}  // namespace
}  // namespace linkspan
