#pragma once
#include "links/bitbucket/cloud_rest.hpp"
#include "tests/simulators/bitbucket_cloud.hpp"
#include "tests/support/run_loop.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace linkspan::test
{

// A simulated Bitbucket Cloud with the repository acme/api, on a clock that stands still; and our own client
// of its REST API.
class cloud_fixture : public testing::Test
{
protected:
    static constexpr char const* token = "token-0001";

    cloud_fixture()
    {
        cloud.add_token(token);
        cloud.add_repository("api");
    }

    time_point now() const { return from_milliseconds(milliseconds_.load()); }
    void pass(milliseconds time) { milliseconds_ += time.count(); }

    bitbucket::api_access api(std::string const& with = token)
    {
        return {client, cloud.api_url(), bearer(with), milliseconds(10'000)};
    }

    bitbucket::repository_place place() const { return {"acme", "api"}; }

    template <class T>
    T ask(boost::asio::awaitable<T> work)
    {
        return run(loop, std::move(work));
    }

    bitbucket::listing comments_of(std::int64_t pull_request, std::string const& with = token)
    {
        return ask(bitbucket::cloud::list_comments(api(with), place(), pull_request));
    }

    bitbucket::api_answer get(std::string const& path, std::string etag = {})
    {
        return ask(bitbucket::ask_api(api(), cloud.api_url() + path, std::move(etag)));
    }

    template <class Change>
    void change_rules(Change change)
    {
        auto rules = cloud.rules();
        change(rules);
        cloud.set_rules(std::move(rules));
    }

private:
    std::atomic<std::int64_t> milliseconds_{to_milliseconds(parse_time("2026-11-20T09:00:00.123Z").value())};

protected:
    bitbucket_cloud cloud{[this] { return now(); }};
    boost::asio::io_context loop{1};
    http_client client{loop};
};

}  // namespace linkspan::test
