#pragma once
#include <boost/json/value.hpp>

#include <string>

namespace linkspan::test
{

// What is wrong with a document by a JSON Schema, with its JSON pointer; empty where nothing is. Knows what
// the project's own schemas use: $ref into $defs and to the schema of events, type, enum, const, format,
// pattern, properties, required, items, allOf, if and then. Stricter than the standard: a member that an
// object's schema does not list is a fault.
std::string schema_fault(boost::json::object const& schema, boost::json::value const& document);

}  // namespace linkspan::test
