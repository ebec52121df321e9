#pragma once
#include "cmd/linkspan/link_directory.hpp"
#include "cmd/linkspan/token_keeper.hpp"
#include "tests/simulators/oauth_provider.hpp"
#include "tests/support/test_profile.hpp"

#include <functional>
#include <string>
#include <vector>

namespace linkspan::test
{

// Consents at the provider as Ada would in her browser: the tokens, counted from `asked_at`.
token_set consent_at(oauth_provider& provider, time_point asked_at);

// A link of bitbucket-app-oauth to a provider in a profile, authorized at `asked_at`.
link_id add_authorized_link(test_profile& profile, oauth_provider& provider, time_point asked_at);

// A link of bitbucket-client-credentials to a provider in a profile.
link_id add_client_link(test_profile& profile, oauth_provider& provider);

// A link with its fields, as the daemon holds it.
open_link open_link_of(profile_paths const& paths, link_id const& id);

// What the store says of a link's tokens.
grant grant_of(profile_paths const& paths, link_id const& id);

// A token keeper with a loop, a client and a database of its own, as one process has them. Real time, or a
// virtual one.
class keeper_bench
{
public:
    explicit keeper_bench(
        profile_paths paths,
        std::optional<time_point> virtual_start = std::nullopt,
        std::optional<milliseconds> store_patience = std::nullopt
    );
    ~keeper_bench();

    result<access> token_of(open_link const& link);
    result<access> token_instead_of(open_link const& link, std::int64_t generation);
    result<access> refresh(open_link const& link);
    void worked(open_link const& link, std::int64_t generation);

    // That many callers at once; what each got.
    std::vector<result<access>> tokens_of(open_link const& link, std::size_t callers);

    linkspan::clock& clock() { return *clock_; }
    boost::asio::io_context& loop() { return loop_; }
    token_keeper& keeper() { return *keeper_; }
    std::vector<std::string> told() const { return told_; }

    // Called before and behind each transaction of the keeper.
    std::function<void()> at_store = [] {};
    // Fails the next transactions, one each.
    std::vector<error> store_faults;

private:
    boost::asio::awaitable<result<access>> write(keeper_work work);

    profile_paths paths_;
    boost::asio::io_context loop_{1};
    std::unique_ptr<linkspan::clock> clock_;
    std::unique_ptr<http_client> client_;
    std::unique_ptr<link_services> services_;
    std::unique_ptr<command_store> store_;
    std::vector<std::string> told_;
    std::unique_ptr<token_keeper> keeper_;
};

}  // namespace linkspan::test
