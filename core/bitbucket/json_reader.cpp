#include "core/bitbucket/json_reader.hpp"

#include <charconv>

namespace linkspan
{
namespace
{

namespace json = boost::json;

json::value const* step(json::value const& from, std::string_view name)
{
    if (auto const* object = from.if_object())
        return object->if_contains(name);
    if (auto const* array = from.if_array())
    {
        std::size_t index = 0;
        auto const [end, code] = std::from_chars(name.data(), name.data() + name.size(), index);
        if (code == std::errc() && end == name.data() + name.size() && index < array->size())
            return &(*array)[index];
    }
    return nullptr;
}

// Seconds would be 1e9, microseconds 1e15: what Data Center sends as a number lies between.
constexpr std::int64_t epoch_milliseconds_max = 253'402'300'799'999;  // the end of year 9999

}  // namespace

json::value const* json_reader::find(std::string_view path) const
{
    auto const* at = value_;
    for (std::size_t begin = 0; at != nullptr && begin <= path.size();)
    {
        if (at->is_null())
            return nullptr;
        auto const end = std::min(path.find('/', begin), path.size());
        if (!at->is_object() && !at->is_array())
        {
            fail(path.substr(0, begin == 0 ? 0 : begin - 1), "expected an object");
            return nullptr;
        }
        at = step(*at, path.substr(begin, end - begin));
        begin = end + 1;
    }
    return at == nullptr || at->is_null() ? nullptr : at;
}

bool json_reader::mentions(std::string_view name) const
{
    auto const* object = value_->if_object();
    return object != nullptr && object->contains(name);
}

void json_reader::fail(std::string_view path, std::string_view what) const
{
    if (!fault_->empty())
        return;
    *fault_ = path_;
    if (!path.empty())
        *fault_ += "/" + std::string(path);
    if (fault_->empty())
        *fault_ = "/";
    *fault_ += ": " + std::string(what);
}

std::optional<std::string> json_reader::text(std::string_view path) const
{
    auto const* found = find(path);
    if (found == nullptr)
        return std::nullopt;
    if (auto const* string = found->if_string())
        return std::string(*string);
    fail(path, "expected a string");
    return std::nullopt;
}

std::optional<std::int64_t> json_reader::integer(std::string_view path) const
{
    auto const* found = find(path);
    if (found == nullptr)
        return std::nullopt;
    if (auto const* number = found->if_int64())
        return *number;
    fail(path, "expected an integer");
    return std::nullopt;
}

std::optional<bool> json_reader::flag(std::string_view path) const
{
    auto const* found = find(path);
    if (found == nullptr)
        return std::nullopt;
    if (auto const* value = found->if_bool())
        return *value;
    // Recorded: a push whose flags are words.
    if (auto const* word = found->if_string(); word != nullptr && (*word == "true" || *word == "false"))
        return *word == "true";
    fail(path, "expected true or false");
    return std::nullopt;
}

std::optional<time_point> json_reader::moment(std::string_view path) const
{
    auto const* found = find(path);
    if (found == nullptr)
        return std::nullopt;
    if (auto const* number = found->if_int64();
        number != nullptr && *number >= 0 && *number <= epoch_milliseconds_max)
        return from_milliseconds(*number);
    if (auto const* string = found->if_string())
        if (auto const parsed = parse_time(*string))
            return parsed;
    fail(path, "expected an ISO 8601 time or milliseconds since 1970");
    return std::nullopt;
}

std::string json_reader::required_text(std::string_view path) const
{
    auto found = text(path);
    if (!found)
        fail(path, "is missing");
    return std::move(found).value_or(std::string());
}

std::int64_t json_reader::required_integer(std::string_view path) const
{
    auto const found = integer(path);
    if (!found)
        fail(path, "is missing");
    return found.value_or(0);
}

json_reader json_reader::child(std::string_view path) const
{
    static json::value const nothing;
    auto const* found = find(path);
    if (found != nullptr && !found->is_object())
    {
        fail(path, "expected an object");
        found = nullptr;
    }
    return json_reader(found == nullptr ? &nothing : found, fault_, path_ + "/" + std::string(path));
}

std::vector<json_reader> json_reader::elements(std::string_view path) const
{
    std::vector<json_reader> readers;
    auto const* found = find(path);
    if (found == nullptr)
        return readers;
    auto const* array = found->if_array();
    if (array == nullptr)
    {
        fail(path, "expected an array");
        return readers;
    }
    for (std::size_t i = 0; i < array->size(); ++i)
        if (!(*array)[i].is_null())
            readers.push_back(
                json_reader(&(*array)[i], fault_, path_ + "/" + std::string(path) + "/" + std::to_string(i))
            );
    return readers;
}

}  // namespace linkspan
