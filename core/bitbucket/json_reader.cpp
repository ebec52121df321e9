#include "core/bitbucket/json_reader.hpp"

#include <boost/json/serialize.hpp>

#include <charconv>
#include <cstring>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// Beyond this, Boost.JSON's table is faster than looking at each member.
constexpr std::size_t members_to_look_at_max = 32;

json::value const* member_of(json::object const& object, std::string_view name)
{
    if (object.size() > members_to_look_at_max || name.empty())
        return object.if_contains(name);
    for (auto const& member : object)
    {
        auto const key = member.key();
        if (key.size() == name.size() && key.front() == name.front() &&
            std::memcmp(key.data(), name.data(), name.size()) == 0)
            return &member.value();
    }
    return nullptr;
}

json::value const* step(json::value const& from, std::string_view name)
{
    if (auto const* object = from.if_object())
        return member_of(*object, name);
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

// Readers carry no path: it is looked for when a fault is told. The parser limits the depth. What a reader
// stands on was found by names without '/' and '~', so nothing needs to be escaped.
bool add_way(std::string& pointer, json::value const& from, json::value const* wanted)
{
    if (&from == wanted)
        return true;
    auto const length = pointer.size();
    if (auto const* object = from.if_object())
        for (auto const& member : *object)
        {
            pointer.append("/").append(member.key());
            if (add_way(pointer, member.value(), wanted))
                return true;
            pointer.resize(length);
        }
    else if (auto const* array = from.if_array())
        for (std::size_t i = 0; i < array->size(); ++i)
        {
            pointer.append("/").append(std::to_string(i));
            if (add_way(pointer, (*array)[i], wanted))
                return true;
            pointer.resize(length);
        }
    return false;
}

}  // namespace

json::value const* json_reader::find(std::string_view path) const
{
    if (!missing_.empty())
        return nullptr;
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
    std::string pointer;
    add_way(pointer, *root_, value_);
    for (auto const part : {std::string_view(missing_), path})
        if (!part.empty())
            pointer.append("/").append(part);
    if (pointer.empty())
        pointer = "/";
    *fault_ = pointer.append(": ").append(what);
}

std::optional<std::string_view> json_reader::word(std::string_view path) const
{
    auto const* found = find(path);
    if (found == nullptr)
        return std::nullopt;
    if (auto const* string = found->if_string())
        return std::string_view(string->data(), string->size());
    fail(path, "expected a string");
    return std::nullopt;
}

std::optional<std::string> json_reader::text(std::string_view path) const
{
    auto const found = word(path);
    return found ? std::optional<std::string>(*found) : std::nullopt;
}

std::optional<std::string> json_reader::text_or_integer(std::string_view path) const
{
    auto const* found = find(path);
    if (found != nullptr && found->is_int64())
        return std::to_string(found->get_int64());
    return text(path);
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
    auto const* found = find(path);
    if (found != nullptr && !found->is_object())
    {
        fail(path, "expected an object");
        found = nullptr;
    }
    json_reader out(*root_, *fault_);
    out.value_ = found == nullptr ? value_ : found;
    if (found == nullptr)
    {
        out.missing_ = missing_;
        if (!missing_.empty())
            out.missing_ += '/';
        out.missing_ += path;
    }
    return out;
}

json_elements json_reader::elements(std::string_view path) const
{
    json_elements out(*this);
    auto const* found = find(path);
    if (found == nullptr)
        return out;
    if (auto const* array = found->if_array())
    {
        out.begin_ = array->begin();
        out.end_ = array->end();
    }
    else
        fail(path, "expected an array");
    return out;
}

std::vector<std::string> json_reader::names(std::string_view path) const
{
    std::vector<std::string> out;
    auto const* found = find(path);
    if (found == nullptr)
        return out;
    if (auto const* object = found->if_object())
        for (auto const& member : *object)
            out.emplace_back(member.key());
    else
        fail(path, "expected an object");
    return out;
}

std::string json_reader::json(std::string_view path) const
{
    auto const* found = find(path);
    return found == nullptr ? std::string() : json::serialize(*found);
}

json_elements::iterator::iterator(json_elements const& of, json::value const* at) : of_(&of), at_(at)
{
    pass_nulls();
}

void json_elements::iterator::pass_nulls()
{
    while (at_ != of_->end_ && at_->is_null())
        ++at_;
}

json_reader json_elements::iterator::operator*() const
{
    json_reader out(*of_->of_.root_, *of_->of_.fault_);
    out.value_ = at_;
    return out;
}

json_elements::iterator& json_elements::iterator::operator++()
{
    ++at_;
    pass_nulls();
    return *this;
}

std::size_t json_elements::size() const
{
    std::size_t count = 0;
    for (auto at = begin(); !(at == end()); ++at)
        ++count;
    return count;
}

}  // namespace linkspan
