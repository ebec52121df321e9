#pragma once
#include <boost/json/object.hpp>

#include <string_view>

namespace linkspan
{

// What the schema is called: its "$id", and `dataschema` in CloudEvents.
inline constexpr std::string_view event_schema_uri = "https://linkspan.dev/schemas/event.schema.json";

// The JSON Schema (2020-12) of an event's published form, made from the model: what to_json() writes is valid
// by it. Members that are not listed are allowed, since later versions may add some.
boost::json::object event_schema();

}  // namespace linkspan
