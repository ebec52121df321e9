#pragma once
#include "core/event/event.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace linkspan
{

// The JSON form of CloudEvents 1.0 (cloudevents.io) of an event; `data` is the event's own form. What the
// other members are is told in docs/reference/events.md; they are stable.
boost::json::object to_cloudevent(event const& happening);

// "dev.linkspan.pull_request.opened"
std::string cloudevent_type(event_kind kind);

// What a CloudEvent's and a CDEvent's `source` is: the repository's URI at its instance, else the instance's.
std::string source_uri(event const& happening);
std::string instance_uri(event const& happening);

}  // namespace linkspan
