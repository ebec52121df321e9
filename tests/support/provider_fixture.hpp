#pragma once
#include "core/oauth/token.hpp"
#include "links/net/base64.hpp"
#include "tests/simulators/oauth_provider.hpp"
#include "tests/support/raw_peer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace linkspan::test
{

inline constexpr std::string_view key_and_secret = "linkspan-key:linkspan-secret";
inline constexpr std::string_view redirect = "http://localhost:14470/callback";

// A provider, and somebody who speaks HTTP to it without any of our own client.
class provider_fixture : public testing::Test
{
protected:
    explicit provider_fixture(provider_settings settings = provider_settings::cloud()) : provider(settings) {}

    http_response ask(
        std::string const& verb,
        std::string const& path,
        std::string const& headers,
        std::string const& body = {}
    )
    {
        raw_peer peer(provider.port());
        peer.send(
            verb + " " + path + " HTTP/1.1\r\nHost: x\r\n" + headers +
            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
        );
        return peer.receive();
    }

    http_response token(std::string const& form, std::string_view proof = key_and_secret)
    {
        auto const header =
            proof.empty() ? std::string() : "Authorization: Basic " + encode_base64(proof) + "\r\n";
        auto const target = provider.token_url().substr(provider.url().size());
        return ask("POST", target, header + "Content-Type: application/x-www-form-urlencoded\r\n", form);
    }

    boost::json::object tokens(std::string const& form, std::string_view proof = key_and_secret)
    {
        auto const answer = token(form, proof);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return boost::json::parse(answer.body).as_object();
    }

    std::string refusal(std::string const& form, std::string_view proof = key_and_secret)
    {
        auto const answer = token(form, proof);
        EXPECT_GE(answer.status, 400);
        return std::string(boost::json::parse(answer.body).at("error").as_string());
    }

    std::string asking(std::string const& more = {})
    {
        std::string query = "response_type=code&client_id=linkspan-key&state=s%261";
        return provider.authorize_url() + "?" + query + (more.empty() ? "" : "&" + more);
    }

    std::string code(std::string const& more = {})
    {
        auto const back = press_button(provider, asking(more), "grant");
        auto const read = read_callback(back);
        EXPECT_TRUE(read.has_value()) << back;
        return read ? std::string(read->code.reveal()) : std::string();
    }

    http_response api(std::string const& path, std::string const& access_token)
    {
        return ask("GET", path, access_token.empty() ? "" : "Authorization: Bearer " + access_token + "\r\n");
    }

    oauth_provider provider;
};

inline std::string text(boost::json::object const& object, std::string_view name)
{
    return std::string(object.at(name).as_string());
}

}  // namespace linkspan::test
