#pragma once
#include "core/base/error.hpp"
#include "core/event/event.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace linkspan
{

// CDEvents (cdevents.dev) of the specification's version 0.4.1.
inline constexpr std::string_view cdevents_version = "0.4.1";

// "dev.cdevents.change.created.0.3.0"; empty where CDEvents has nothing for the kind.
std::string_view cdevent_type(event_kind kind) noexcept;

// The CDEvent of an event; `customData` is the event's own form. errc::invalid where its kind has none (the
// message lists those that have), or where the event lacks what its subject is named by.
result<boost::json::object> to_cdevent(event const& happening);

}  // namespace linkspan
