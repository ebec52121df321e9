#pragma once
#include "core/base/error.hpp"
#include "core/event/event.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace linkspan
{

// The published JSON form of an event: RFC 3339 times in UTC, unknown members left out, members in a fixed
// order.
boost::json::object to_json(event const& happening);
std::string to_json_text(event const& happening);

// Reads what to_json_text() wrote, of this version or an older one: members that are missing stay unknown,
// members that are not known are passed over. errc::invalid names the member that is wrong.
result<event> event_from_json(std::string_view text);

// The detail that events of a kind carry, without its members: each kind has one type of detail, or none.
event_detail empty_detail(event_kind kind);

// The same for the pull-request part alone: the store keeps the last known state of each in this form.
boost::json::object to_json(pull_request const& state);
result<pull_request> pull_request_from_json(boost::json::object const& object);

}  // namespace linkspan
