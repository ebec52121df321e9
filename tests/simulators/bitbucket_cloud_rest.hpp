#pragma once
#include "core/base/request_target.hpp"
#include "tests/simulators/bitbucket_cloud.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

// A request of the simulated REST API as its parts look at it, and what they answer with.
namespace linkspan::test::simulated_cloud
{

struct question
{
    cloud_call call = cloud_call::other;
    std::vector<std::string> path;  // behind "/2.0", decoded
    std::vector<query_parameter> query;
    std::string target;  // as it came

    std::string value(std::string_view name) const;  // of the first parameter of this name; empty: none
    std::vector<std::string> values(std::string_view name) const;
};

question question_of(http_request const& request);

// All items of a list, in order, and how its pages are.
struct list
{
    boost::json::array items;
    int pagelen = 10;  // where nothing is asked for
    int pagelen_max = 100;
    bool has_size = true;
    std::vector<std::string> left_out;  // members that are shown only where they are named

    list() = default;
    explicit list(boost::json::array items) : items(std::move(items)) {}
};

http_response json_answer(int status, boost::json::object const& body);
http_response refusal(int status, std::string_view message);  // as Bitbucket writes its errors

// How many of the moments, which are in order, are less than an hour old.
std::int64_t requests_within_hour(std::deque<time_point> const& requests, time_point now);

}  // namespace linkspan::test::simulated_cloud
