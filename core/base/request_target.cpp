#include "core/base/request_target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace linkspan
{
namespace
{

error refused_target(std::string_view why)
{
    return {errc::invalid, "request target refused: " + std::string(why)};
}

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool has_control(std::string_view text)
{
    return std::ranges::any_of(
        text,
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f; }
    );
}

// The faults that the grammar would report as a mere mismatch.
std::optional<error> fault_of(std::string_view target)
{
    if (target.empty())
        return refused_target("it is empty");
    if (target.size() > request_target_bytes_max)
        return refused_target("it is longer than " + std::to_string(request_target_bytes_max) + " bytes");
    if (target.front() != '/')
        return refused_target("it is not in origin form, which begins with a slash");
    for (std::size_t i = 0; i < target.size(); ++i)
    {
        auto const byte = static_cast<unsigned char>(target[i]);
        if (byte <= 0x20 || byte >= 0x7f)
            return refused_target("byte " + std::to_string(i) + " has to be percent-encoded");
        if (byte == '%' && (i + 2 >= target.size() || !is_hex(target[i + 1]) || !is_hex(target[i + 2])))
            return refused_target("bad percent encoding at byte " + std::to_string(i));
    }
    return std::nullopt;
}

}  // namespace

result<request_target> parse_request_target(std::string_view target)
{
    if (auto const fault = fault_of(target))
        return *fault;
    auto const parsed = boost::urls::parse_origin_form({target.data(), target.size()});
    if (!parsed)
        return refused_target("it has a character that is not allowed there");

    // Boost takes a leading "/." for its own guard against "//" and leaves it out of the segments.
    if (target.starts_with("/./"))
        return refused_target("it has a dot segment");
    request_target found;
    for (auto const& part : parsed->segments())
    {
        std::string segment(part);
        if (segment == "." || segment == "..")
            return refused_target("it has a dot segment");
        if (has_control(segment))
            return refused_target("its path has an encoded control character");
        if (found.segments.size() == request_target_segments_max)
            return refused_target(
                "it has more than " + std::to_string(request_target_segments_max) + " segments"
            );
        found.segments.push_back(std::move(segment));
    }
    for (auto const& part : parsed->params())
    {
        query_parameter parameter = {std::string(part.key), std::string(part.value)};
        if (parameter.name.empty() && !part.has_value)
            continue;
        if (has_control(parameter.name) || has_control(parameter.value))
            return refused_target("its query has an encoded control character");
        if (found.query.size() == request_target_parameters_max)
            return refused_target(
                "it has more than " + std::to_string(request_target_parameters_max) + " query parameters"
            );
        found.query.push_back(std::move(parameter));
    }
    return found;
}

}  // namespace linkspan
