#pragma once
#include "tests/support/authorized_link.hpp"
#include "tests/support/run_loop.hpp"

#include <gtest/gtest.h>

#include <string>

namespace linkspan::test
{

// A link that is authorized at a provider which rotates its tokens, and a keeper of it. Time is virtual.
class keeps_tokens : public testing::Test
{
protected:
    std::string text_of(result<access> const& got)
    {
        return got ? std::string(got->tokens.access_token.reveal()) : "no token: " + got.error().message;
    }

    // Both clocks.
    void pass(milliseconds duration)
    {
        provider_.advance(duration);
        bench_.clock().advance(duration);
    }

    std::size_t refreshes() const { return provider_.calls(provider_call::refresh); }

    time_point begin_ = system_now();
    test_profile profile_;
    oauth_provider provider_;
    link_id id_ = add_authorized_link(profile_, provider_, begin_);
    open_link link_ = open_link_of(profile_.paths(), id_);
    keeper_bench bench_{profile_.paths(), begin_};
};

}  // namespace linkspan::test
