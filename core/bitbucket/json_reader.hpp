#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Reads members of a JSON document that others wrote. A member that is missing or null is "not known"
// (nullopt); one of the wrong type is a fault, and the first fault of the document is kept with its JSON
// pointer (RFC 6901). Paths are relative, their steps joined by '/', array indices as numbers:
// "links/self/0/href".
class json_reader
{
public:
    // `value` and `fault` must outlive the reader.
    json_reader(boost::json::value const& value, std::string& fault) : value_(&value), fault_(&fault) {}

    std::optional<std::string> text(std::string_view path) const;
    std::optional<std::int64_t> integer(std::string_view path) const;
    std::optional<bool> flag(std::string_view path) const;  // true, false or these words as text
    // ISO 8601 text, or a number of milliseconds since 1970.
    std::optional<time_point> moment(std::string_view path) const;

    // The same, where the document is useless without the member: a missing one is a fault.
    std::string required_text(std::string_view path) const;
    std::int64_t required_integer(std::string_view path) const;

    bool has(std::string_view path) const { return find(path) != nullptr; }

    // Whether this object has a member of that name, be it null. Of one step only.
    bool mentions(std::string_view name) const;

    // An object; a reader without members where it is missing.
    json_reader child(std::string_view path) const;
    // Every element of an array; none where it is missing. Null elements are passed over.
    std::vector<json_reader> elements(std::string_view path) const;

    void fail(std::string_view path, std::string_view what) const;

private:
    json_reader(boost::json::value const* value, std::string* fault, std::string path)
        : value_(value), fault_(fault), path_(std::move(path))
    {
    }

    boost::json::value const* find(std::string_view path) const;  // null where it is missing or null

    boost::json::value const* value_;
    std::string* fault_;
    std::string path_;
};

}  // namespace linkspan
