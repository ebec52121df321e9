#pragma once
#include "links/link.hpp"
#include "store/grants.hpp"
#include "tests/simulators/oauth_provider.hpp"
#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/command_profile.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/scripted_peer.hpp"
#include "tests/support/test_keys.hpp"
#include "tests/support/webhook_recorder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace linkspan::test
{

// Links to services that behave as the real ones, made by the real program.
class link_service : public testing::Test
{
protected:
    // A consumer that needs nobody's consent.
    std::string consumer_of(oauth_provider const& provider)
    {
        return profile.create(
            {"--template",
             "bitbucket-client-credentials",
             "--name",
             "cloud",
             "--client-id",
             "linkspan-key",
             "--client-secret=-",
             "--token-url",
             provider.token_url(),
             "--param",
             "api_url=" + provider.api_url()},
            "linkspan-secret"
        );
    }

    std::string app_of(oauth_provider const& provider)
    {
        return profile.create(
            {"--template",
             "bitbucket-app-oauth",
             "--name",
             "cloud",
             "--client-id",
             "linkspan-key",
             "--client-secret=-",
             "--auth-url",
             provider.authorize_url(),
             "--token-url",
             provider.token_url(),
             "--param",
             "api_url=" + provider.api_url()},
            "linkspan-secret"
        );
    }

    std::string slack_of(slack_simulator const& slack, std::string const& token = "xoxb-test-1")
    {
        return profile.create(
            {"--template",
             "slack-bot-token",
             "--name",
             "slack",
             "--kv",
             "bot_token=-",
             "--kv",
             "api_url=" + slack.api_url()},
            token
        );
    }

    std::string generic_with(std::string const& revoke_url)
    {
        auto const id = profile.create(
            {"--template",
             "generic-oauth",
             "--name",
             "any",
             "--client-id",
             "key",
             "--client-secret=-",
             "--auth-url",
             "https://service.example.com/authorize",
             "--token-url",
             "https://service.example.com/token",
             "--kv",
             "revoke_url=" + revoke_url},
            "secret"
        );
        profile.put_tokens(id, "access-0001", "refresh-0001", seconds(7200));
        return id;
    }

    // Those of a kind: "scopes: read pull requests: yes".
    std::vector<std::string> lines(boost::json::value const& document, std::string_view kind)
    {
        std::vector<std::string> out;
        for (auto const& line : document.at("lines").as_array())
            if (line.at("kind").as_string() == kind)
                out.push_back(
                    std::string(line.at("subject").as_string()) + ": " +
                    std::string(line.at("message").as_string())
                );
        return out;
    }

    command_profile profile;
};

}  // namespace linkspan::test
