#pragma once
#include "core/oauth/grant.hpp"
#include "tests/simulators/oauth_provider.hpp"
#include "tests/support/running_program.hpp"
#include "tests/support/served_program.hpp"
#include "tests/support/user_agent.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace linkspan::test
{

inline constexpr char const* opening = "Opening a browser with this URL: ";

// A person, a provider that behaves as Bitbucket Cloud does, and a profile of the real program whose
// listeners take ports that the kernel chooses.
class signing_in : public testing::Test
{
protected:
    explicit signing_in(provider_settings settings = provider_settings::cloud());

    // linkspan create-link; its id.
    std::string make_link(std::vector<std::string> more = {});

    void serve() { serve_.emplace(profile); }

    // What linkspan start-oauth prints; the provider then takes this origin's callback.
    std::string start_url_of(running_program& command);
    // The service's own URL, of a command that takes a paste.
    std::string service_url_of(running_program& command);

    // Both steps of a person who consents: the address at which the browser ends.
    static std::string consent(user_agent& with, std::string const& url);

    // A sign-in that a command waits for; the URL is what it printed.
    struct begun
    {
        std::string start_url;
        std::unique_ptr<running_program> command;
    };
    begun begin(std::string const& link);

    // Consents; the address of the callback, to which the browser has not gone yet.
    static std::string answer_of(user_agent& with, std::string const& start_url);

    // The page has this status, holds this text, and carries every header of a sign-in's pages.
    static void expect_page(user_agent const& shown, int status, std::string const& text);
    static void expect_failed(program_run const& ended, int code, std::string const& says);
    void expect_nothing_got(std::string const& link);

    linkspan::grant grant_of(std::string const& link);
    std::map<std::string, std::string> facts_of(std::string const& link);
    void change_database(std::string const& sql);

    oauth_provider provider;
    program_profile profile;
    user_agent browser;
    std::optional<served_program> serve_;
};

}  // namespace linkspan::test
