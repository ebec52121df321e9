#pragma once
#include "core/base/time.hpp"
#include "core/event/event.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

// What a crawl reads of a pull request as Bitbucket's REST API shows it: only what decides which questions
// come next. All else is core's.
namespace linkspan::shown
{

// Null where there is none.
boost::json::value const* member(boost::json::value const& of, std::string_view pointer);
std::optional<std::int64_t> number_of(boost::json::value const& of, std::string_view pointer);

// The last of a Data Center's dates.
std::optional<time_point> changed_at(boost::json::value const& pull_request);

bool is_open_there(boost::json::value const& pull_request);

// Null where it shows none.
boost::json::value const& repository_in(boost::json::value const& pull_request, edition of);

// As the store knows a Data Center's repository; empty where no pull request shows it.
std::string id_of_repository(boost::json::array const& pull_requests);

// The head of a Data Center's pull request whose builds are worth asking for; empty: of none.
std::string head_to_ask(boost::json::value const& pull_request, edition of);

std::set<std::int64_t> numbers_of(boost::json::array const& pull_requests);

}  // namespace linkspan::shown
