#pragma once
#include "tests/support/environment.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace linkspan::test
{

// The stateful Slack Web API of the npm package "emulate", as a process of its own on loopback. It keeps what
// is posted; it judges nothing (unknown tokens and any block are taken).
class slack_double
{
public:
    static bool is_installed();  // LINKSPAN_EMULATE names its program, and there is a node

    slack_double();
    ~slack_double();
    slack_double(slack_double const&) = delete;
    slack_double& operator=(slack_double const&) = delete;

    std::string token() const { return "xoxb-double-1"; }
    std::string api_url() const { return base_url_ + "/api/"; }

    std::string channel_id(std::string const& name) const;
    std::size_t count_messages(std::string const& channel) const;

private:
    std::string call(std::string const& method, std::string const& form) const;

    temporary_folder folder_;
    std::string base_url_;
    pid_t pid_ = -1;
};

}  // namespace linkspan::test
