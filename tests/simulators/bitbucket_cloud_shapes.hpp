#pragma once
#include "tests/simulators/bitbucket_cloud_state.hpp"

#include <boost/json/object.hpp>

#include <cstddef>

// How Bitbucket Cloud shows what it knows: alike in answers and webhooks.
namespace linkspan::test::simulated_cloud
{

// "2026-11-20T09:30:00.123934+00:00"; the last three digits are made up.
std::string moment_text(time_point at, int microseconds = 934);

// "Tue, 07 Mar 2023 20:35:15 GMT" (RFC 9110, IMF-fixdate).
std::string http_time_text(time_point at);

// What shapes depend on beside the thing itself.
struct view
{
    simulated_cloud::state const& known;
    time_point now;
    bool has_short_hashes = true;
    milliseconds task_count_lag{0};

    boost::json::object account(std::string const& nickname) const;
    boost::json::object repository(simulated_cloud::repository const& of) const;
    boost::json::object pull_request(
        simulated_cloud::repository const& in, simulated_cloud::pull_request const& of
    ) const;
    boost::json::object comment(
        simulated_cloud::repository const& in,
        simulated_cloud::pull_request const& of,
        simulated_cloud::comment const& one
    ) const;
    boost::json::object task(
        simulated_cloud::repository const& in,
        simulated_cloud::pull_request const& of,
        simulated_cloud::task const& one
    ) const;
    boost::json::object activity(
        simulated_cloud::repository const& in,
        simulated_cloud::pull_request const& of,
        simulated_cloud::activity const& one
    ) const;
    boost::json::object commit(simulated_cloud::repository const& in, simulated_commit const& one) const;
    boost::json::object status(simulated_cloud::repository const& in, simulated_cloud::status const& one)
        const;

private:
    std::string full_name(simulated_cloud::repository const& of) const;
    boost::json::object small_repository(simulated_cloud::repository const& of) const;
    boost::json::object small_pull_request(
        simulated_cloud::repository const& in, simulated_cloud::pull_request const& of
    ) const;
    boost::json::value short_commit(simulated_cloud::repository const& in, std::string const& hash) const;
    boost::json::object branch_tip(
        simulated_cloud::repository const& in, std::string const& branch, std::string const& hash
    ) const;
    std::int64_t shown_task_count(simulated_cloud::pull_request const& of) const;
};

}  // namespace linkspan::test::simulated_cloud
