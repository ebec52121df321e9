#include "core/bitbucket/json_reader.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <set>

namespace linkspan
{
namespace
{

namespace dom = simdjson::dom;
using found = std::optional<dom::element>;

// Wrong types give nothing.
template <class Wanted>
std::optional<Wanted> as(dom::element from)
{
    Wanted out;
    return from.get(out) == simdjson::SUCCESS ? std::optional(out) : std::nullopt;
}

found member_of(dom::object object, std::string_view name)
{
    // The first letter spares most comparisons: names of one length differ there as a rule.
    auto const first = name.empty() ? '\0' : name.front();
    auto const end = object.end();
    for (auto at = object.begin(); at != end; ++at)
        if (*at.key_c_str() == first && at.key_equals(name))
            return at.value();
    return std::nullopt;
}

found step(dom::element from, std::string_view name)
{
    if (auto const object = as<dom::object>(from))
        return member_of(*object, name);
    std::size_t index = 0;
    auto const [end, code] = std::from_chars(name.data(), name.data() + name.size(), index);
    dom::element out;
    if (code == std::errc() && end == name.data() + name.size() &&
        from.get_array().at(index).get(out) == simdjson::SUCCESS)
        return out;
    return std::nullopt;
}

// An element is a document and a place in it.
bool is_same(dom::element one, dom::element other)
{
    using place = std::array<std::size_t, 2>;
    return std::bit_cast<place>(one) == std::bit_cast<place>(other);
}

// Seconds would be 1e9, microseconds 1e15: what Data Center sends as a number lies between.
constexpr std::int64_t epoch_milliseconds_max = 253'402'300'799'999;  // the end of year 9999

// Readers carry no path: it is looked for when a fault is told. The parser limits the depth. What a reader
// stands on was found by names without '/' and '~', so nothing needs to be escaped.
bool add_way(std::string& pointer, dom::element from, dom::element wanted)
{
    if (is_same(from, wanted))
        return true;
    auto const length = pointer.size();
    auto const leads_there = [&](std::string_view name, dom::element next)
    {
        pointer.append("/").append(name);
        if (add_way(pointer, next, wanted))
            return true;
        pointer.resize(length);
        return false;
    };
    if (auto const object = as<dom::object>(from))
        for (auto const& member : *object)
            if (leads_there(member.key, member.value))
                return true;
    std::size_t index = 0;
    if (auto const array = as<dom::array>(from))
        for (auto const element : *array)
            if (leads_there(std::to_string(index++), element))
                return true;
    return false;
}

}  // namespace

found json_reader::find(std::string_view path) const
{
    if (!missing_.empty())
        return std::nullopt;
    found at = value_;
    for (std::size_t begin = 0; at && begin <= path.size();)
    {
        if (at->is_null())
            return std::nullopt;
        auto const end = std::min(path.find('/', begin), path.size());
        if (!at->is_object() && !at->is_array())
        {
            fail(path.substr(0, begin == 0 ? 0 : begin - 1), "expected an object");
            return std::nullopt;
        }
        at = step(*at, path.substr(begin, end - begin));
        begin = end + 1;
    }
    return at && at->is_null() ? std::nullopt : at;
}

bool json_reader::is_object() const
{
    return missing_.empty() && value_.is_object();
}

bool json_reader::mentions(std::string_view name) const
{
    auto const object = as<dom::object>(value_);
    return object && member_of(*object, name);
}

bool json_reader::is_word(std::string_view word) const
{
    return as<std::string_view>(value_) == word;
}

void json_reader::fail(std::string_view path, std::string_view what) const
{
    if (!fault_->empty())
        return;
    std::string pointer;
    add_way(pointer, root_, value_);
    for (auto const part : {std::string_view(missing_), path})
        if (!part.empty())
            pointer.append("/").append(part);
    if (pointer.empty())
        pointer = "/";
    *fault_ = pointer.append(": ").append(what);
}

std::optional<std::string_view> json_reader::word(std::string_view path) const
{
    auto const at = find(path);
    if (!at)
        return std::nullopt;
    auto const string = as<std::string_view>(*at);
    if (!string)
        fail(path, "expected a string");
    return string;
}

std::optional<std::string> json_reader::text(std::string_view path) const
{
    auto const read = word(path);
    return read ? std::optional<std::string>(*read) : std::nullopt;
}

std::optional<std::string> json_reader::text_or_integer(std::string_view path) const
{
    auto const at = find(path);
    if (at && at->is_int64())
        return std::to_string(*as<std::int64_t>(*at));
    return text(path);
}

std::optional<std::int64_t> json_reader::integer(std::string_view path) const
{
    auto const at = find(path);
    if (!at)
        return std::nullopt;
    if (at->is_int64())
        return as<std::int64_t>(*at);
    fail(path, "expected an integer");
    return std::nullopt;
}

std::optional<bool> json_reader::flag(std::string_view path) const
{
    auto const at = find(path);
    if (!at)
        return std::nullopt;
    if (auto const value = as<bool>(*at))
        return *value;
    // Recorded: a push whose flags are words.
    if (auto const said = as<std::string_view>(*at); said == "true" || said == "false")
        return said == "true";
    fail(path, "expected true or false");
    return std::nullopt;
}

std::optional<time_point> json_reader::moment(std::string_view path) const
{
    auto const at = find(path);
    if (!at)
        return std::nullopt;
    if (at->is_int64())
    {
        auto const number = *as<std::int64_t>(*at);
        if (number >= 0 && number <= epoch_milliseconds_max)
            return from_milliseconds(number);
    }
    if (auto const string = as<std::string_view>(*at))
        if (auto const parsed = parse_time(*string))
            return parsed;
    fail(path, "expected an ISO 8601 time or milliseconds since 1970");
    return std::nullopt;
}

std::string json_reader::required_text(std::string_view path) const
{
    auto read = text(path);
    if (!read)
        fail(path, "is missing");
    return std::move(read).value_or(std::string());
}

std::int64_t json_reader::required_integer(std::string_view path) const
{
    auto const read = integer(path);
    if (!read)
        fail(path, "is missing");
    return read.value_or(0);
}

json_reader json_reader::child(std::string_view path) const
{
    auto at = find(path);
    if (at && !at->is_object())
    {
        fail(path, "expected an object");
        at.reset();
    }
    json_reader out(root_, *fault_);
    out.value_ = at.value_or(value_);
    if (!at)
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
    auto const at = find(path);
    if (!at)
        return out;
    if (auto const array = as<dom::array>(*at))
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
    auto const at = find(path);
    if (!at)
        return out;
    std::set<std::string_view> seen;
    if (auto const object = as<dom::object>(*at))
        for (auto const& member : *object)
        {
            if (seen.insert(member.key).second)
                out.emplace_back(member.key);
        }
    else
        fail(path, "expected an object");
    return out;
}

std::string json_reader::json(std::string_view path) const
{
    auto const at = find(path);
    return at ? simdjson::minify(*at) : std::string();
}

json_elements::iterator::iterator(json_elements const& of, dom::array::iterator at) : of_(&of), at_(at)
{
    pass_nulls();
}

void json_elements::iterator::pass_nulls()
{
    while (at_ != of_->end_ && (*at_).is_null())
        ++at_;
}

json_reader json_elements::iterator::operator*() const
{
    json_reader out(of_->of_.root_, *of_->of_.fault_);
    out.value_ = *at_;
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
